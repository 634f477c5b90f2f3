{% macro duckdb___put_external_model(external_model, relation, node) %}
  {%- if dbt_ai._duckdb_looks_up() -%}
    {{ return(dbt_ai.default___put_external_model(external_model, relation, node)) }}
  {%- endif -%}
  {%- set specification = dict(external_model) -%}
  {%- do specification.pop('identifier') -%}
  {%- set grants = specification.pop('grants', {}) -%}
  {%- set schema = relation.schema if relation else target.schema -%}
  {%- do dbt_ai._duckdb_catalog('put', {'schema': schema, 'specification': specification,
        'origin': {'project': project_name, 'target_schema': target.schema, 'node': node}}) -%}
  {%- if node -%}
    {%- do dbt_ai._duckdb_catalog('replace_grants', {'schema': schema, 'name': external_model.name, 'grants': grants}) -%}
  {%- endif -%}
{% endmacro %}
