{#- A function over Cortex, which USAGE can be granted on. -#}
{% macro snowflake__create_external_model(external_model) -%}
  {%- set name = dbt_ai._string_literal(dbt_ai._snowflake_model(external_model)) -%}
  {%- if external_model.model_type == 'EMBEDDINGS' -%}
  {%- set dimensions = {'snowflake-arctic-embed-m': 768, 'snowflake-arctic-embed-m-v1.5': 768, 'e5-base-v2': 768, 'snowflake-arctic-embed-l-v2.0': 1024,
      'snowflake-arctic-embed-l-v2.0-8k': 1024, 'voyage-multilingual-2': 1024, 'nv-embed-qa-4': 1024}.get(name | replace("'", ''), 1024) -%}
  create or replace function {{ this }} (text VARCHAR) returns VECTOR(FLOAT, {{ dimensions }}) as $$ AI_EMBED({{ name }}, text) $$
  {%- else -%}
  create or replace function {{ this }} (request VARCHAR) returns VARCHAR as $$ AI_COMPLETE(model => {{ name }}, prompt => request
    {%- if external_model.parameters %}, model_parameters => {{ dbt_ai._snowflake_constant(external_model.parameters) }}{% endif %})::VARCHAR $$
  {%- endif -%}
{%- endmacro %}
