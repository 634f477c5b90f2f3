{% macro duckdb__revoke_external_model(name, grantees, privilege) %}
  {%- if name is none -%}
    {% do dbt_ai._unsupported('revoke ' ~ privilege, 'AI020', 'DuckDB has no privileges: revoke on one external model, where it is recorded, or leave the revoke out') %}
  {%- endif -%}
  {%- do dbt_ai._duckdb_catalog('revoke', {'schema': target.schema, 'name': name, 'privilege': privilege, 'grantees': grantees}) -%}
{% endmacro %}
