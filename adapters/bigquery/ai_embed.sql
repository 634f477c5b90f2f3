{% macro bigquery__ai_embed(external_model, text, parameters, fail_on_error) -%}
  {%- set name = dbt_ai._native_model(external_model, 'bigquery') -%}
  {%- set arguments = [text, ('model => ' if name.startswith('embeddinggemma') else 'endpoint => ') ~ dbt_ai._string_literal(name)] -%}
  {%- set parameters = dbt_ai._native_parameters(external_model, parameters) -%}
  {%- if parameters -%}
    {%- set config = {} -%}
    {%- for name, value in parameters.items() -%}{%- do config.update({'outputDimensionality' if name == 'dimensions' else name: value}) -%}{%- endfor -%}
    {%- do arguments.append('model_params => JSON ' ~ dbt_ai._string_literal(tojson(config))) -%}
  {%- endif -%}
  {{ return(dbt_ai._unless_null(text, dbt_ai._bigquery_answer('AI.EMBED(' ~ arguments | join(', ') ~ ')', 'answer.result', fail_on_error))) }}
{%- endmacro %}
