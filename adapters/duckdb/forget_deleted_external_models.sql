{% macro duckdb__forget_deleted_external_models(nodes) %}
  {%- if dbt_ai._duckdb_looks_up() -%}{{ return(dbt_ai.default__forget_deleted_external_models(nodes)) }}{%- endif -%}
  {%- if 'dbt_ai' in (target.plugins or []) | map(attribute='module') -%}
    {%- do dbt_ai._tell_forgotten(dbt_ai._duckdb_catalog('prune', {'project': project_name, 'target_schema': target.schema, 'nodes': nodes})) -%}
  {%- endif -%}
{% endmacro %}
