{% macro fabric__ai_embed(external_model, text, parameters, fail_on_error) -%}
  {{ dbt_ai._unsupported('ai_embed', 'AI017', 'Fabric Warehouse has neither embeddings nor a vector type: use a SQL database in Fabric (dbt-sqlserver), or DuckDB') }}
{%- endmacro %}
