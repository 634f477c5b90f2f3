{% macro duckdb__grant_external_model(name, to, privilege) %}
  {%- if name is none -%}
    {% do dbt_ai._unsupported('grant ' ~ privilege, 'AI020', 'DuckDB has no privileges: grant on one external model, where it is recorded, or leave the grant out') %}
  {%- endif -%}
  {%- do dbt_ai._duckdb_catalog('grant', {'schema': target.schema, 'name': name, 'privilege': privilege, 'grantees': to}) -%}
{% endmacro %}
