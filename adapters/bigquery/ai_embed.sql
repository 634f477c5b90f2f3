{% macro bigquery__ai_embed(external_model, text, parameters, fail_on_error) -%}
  {%- set name = dbt_ai._native_model(external_model, 'bigquery') -%}
  {%- set built_in = name.startswith('embeddinggemma') -%}
  {%- set arguments = [text, ('model => ' if built_in else 'endpoint => ') ~ dbt_ai._string_literal(name)] -%}
  {%- set parameters = dbt_ai._native_parameters(external_model, parameters) -%}
  {%- if parameters and built_in -%}
    {{ dbt_ai._unsupported("ai_embed with model '" ~ name ~ "' and parameters", 'AI002', "BigQuery's built-in model takes none: leave them out, or name another model with native") }}
  {%- elif parameters -%}
    {%- set config = {} -%}
    {%- for name, value in parameters.items() -%}{%- do config.update({'outputDimensionality' if name == 'dimensions' else name: value}) -%}{%- endfor -%}
    {%- do arguments.append('model_params => JSON ' ~ dbt_ai._string_literal(tojson(config))) -%}
  {%- endif -%}
  {{ return(dbt_ai._unless_null(text, dbt_ai._bigquery_value('AI.EMBED(' ~ arguments | join(', ') ~ ')', 'answer.result', fail_on_error))) }}
{%- endmacro %}
