{% macro duckdb__forget_deleted_external_models(nodes) %}
  {%- if 'dbt_ai' in (target.plugins or []) | map(attribute='module') -%}
    {%- set gone = dbt_ai._duckdb_catalog('prune', {'project': project_name, 'target_schema': target.schema, 'nodes': nodes}) -%}
    {%- if gone -%}
      {%- do log('dbt_ai: no longer in the project, and forgotten: external model ' ~ gone | join(', '), info=true) -%}
    {%- endif -%}
  {%- endif -%}
{% endmacro %}
