{% macro duckdb__drop_external_model(name) %}
  {%- do dbt_ai._duckdb_catalog('drop', {'schema': target.schema, 'name': name}) -%}
{% endmacro %}
