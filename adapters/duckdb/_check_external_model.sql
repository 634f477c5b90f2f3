{% macro duckdb___check_external_model(external_model) %}
  {%- set function = 'ai_embed' if external_model.model_type == 'EMBEDDINGS' else 'ai_query' -%}
  {%- do dbt_ai._duckdb_describe(dbt_ai._duckdb_call(function, external_model)) -%}
{% endmacro %}
