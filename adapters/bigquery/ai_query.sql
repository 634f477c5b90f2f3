{#- With output_schema the answer has the schema's columns in the place of `result`. status is '' where all went well. -#}
{% macro bigquery__ai_query(external_model, request, return_type, fail_on_error, model_parameters, response_format) -%}
  {%- set wanted = dbt_ai._told_and_read(return_type, response_format) -%}
  {%- set arguments = [request, 'endpoint => ' ~ dbt_ai._string_literal(dbt_ai._bigquery_gemini(external_model))] -%}
  {%- set parameters = dbt_ai._native_parameters(external_model, model_parameters) -%}
  {%- if parameters -%}
    {%- set names = {'max_tokens': 'max_output_tokens', 'max_completion_tokens': 'max_output_tokens', 'stop': 'stop_sequences'} -%}
    {%- set config = {} -%}
    {%- for name, value in parameters.items() -%}{%- do config.update({names.get(name, name): value}) -%}{%- endfor -%}
    {%- do arguments.append('model_params => JSON ' ~ dbt_ai._string_literal(tojson({'generation_config': config}))) -%}
  {%- endif -%}
  {%- set value = 'answer.result' -%}
  {%- if wanted.told or wanted.read -%}
    {%- if return_type and response_format and response_format not in ['text', 'json_object'] -%}
      {{ dbt_ai._unsupported('ai_query with return_type and response_format', 'AI014', 'output_schema is both what AI.GENERATE is told and the type of its answer: give one of them') }}
    {%- endif -%}
    {%- set told = wanted.read or wanted.told -%}
    {%- do arguments.append('output_schema => ' ~ dbt_ai._string_literal(dbt_ai._bigquery_output_schema(told))) -%}
    {%- set fields = [] -%}
    {%- for field in dbt_ai._answer_struct(told).fields -%}{%- do fields.append('answer.' ~ field.name ~ ' as ' ~ field.name) -%}{%- endfor -%}
    {%- set value = 'answer.answer' if told.wrapped else 'struct(' ~ fields | join(', ') ~ ')' -%}
    {%- if not return_type -%}{%- set value = 'to_json_string(' ~ value ~ ')' -%}{%- endif -%}
  {%- endif -%}
  {{ return(dbt_ai._unless_null(request, dbt_ai._bigquery_value('AI.GENERATE(' ~ arguments | join(', ') ~ ')', value, fail_on_error))) }}
{%- endmacro %}
