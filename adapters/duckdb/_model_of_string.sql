{#- A string names an external model of the database: the runtime keeps them in a catalog. -#}
{% macro duckdb___model_of_string(name, model_type) %}
  {%- if dbt_ai._in_unit_test() -%}{{ return(dbt_ai._mock_model(name, model_type)) }}{%- endif -%}
  {%- if not execute or dbt_ai._duckdb_looks_up() -%}{{ return(dbt_ai.default___model_of_string(name, model_type)) }}{%- endif -%}
  {{ return(dict(dbt_ai._duckdb_catalog('specification', {'schema': target.schema, 'name': name}), identifier=name, literal=true)) }}
{% endmacro %}
