{% macro duckdb__alter_external_model(name, changes) %}
  {%- do dbt_ai._duckdb_catalog('alter', {'schema': target.schema, 'name': name, 'changes': changes}) -%}
{% endmacro %}
