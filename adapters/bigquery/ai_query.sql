{#- With output_schema the answer has the schema's columns in the place of `result`. status is '' where all went well. -#}
{% macro bigquery__ai_query(external_model, request, return_type, fail_on_error, model_parameters, response_format) -%}
  {%- set type = dbt_ai._wanted_type(return_type, response_format) -%}
  {%- set arguments = [request, 'endpoint => ' ~ dbt_ai._string_literal(dbt_ai._bigquery_gemini(external_model))] -%}
  {%- set parameters = dbt_ai._native_parameters(external_model, model_parameters) -%}
  {%- if parameters -%}
    {%- set names = {'max_tokens': 'max_output_tokens', 'max_completion_tokens': 'max_output_tokens', 'stop': 'stop_sequences'} -%}
    {%- set config = {} -%}
    {%- for name, value in parameters.items() -%}{%- do config.update({names.get(name, name): value}) -%}{%- endfor -%}
    {%- do arguments.append('model_params => JSON ' ~ dbt_ai._string_literal(tojson({'generation_config': config}))) -%}
  {%- endif -%}
  {%- set value = 'answer.result' -%}
  {%- if type -%}
    {%- set outer = dbt_ai._wrapped_type(type) -%}
    {%- if outer.kind == 'map' -%}{%- do dbt_ai._bigquery_type({'kind': 'scalar', 'name': 'MAP'}) -%}{%- endif -%}
    {%- do arguments.append('output_schema => ' ~ dbt_ai._string_literal(dbt_ai._bigquery_fields(outer))) -%}
    {%- set fields = [] -%}
    {%- for field in outer.fields -%}{%- do fields.append('answer.' ~ field.name ~ ' as ' ~ field.name) -%}{%- endfor -%}
    {%- set value = 'answer.answer' if outer.wrapper else 'struct(' ~ fields | join(', ') ~ ')' -%}
    {%- if not return_type -%}{%- set value = 'to_json_string(' ~ value ~ ')' -%}{%- endif -%}
  {%- endif -%}
  {{ return(dbt_ai._unless_null(request, dbt_ai._bigquery_answer('AI.GENERATE(' ~ arguments | join(', ') ~ ')', value, fail_on_error))) }}
{%- endmacro %}
