{#- Keeps the catalog true: an external model whose file was deleted from the project is forgotten. Runs at the start of every run. -#}
{% macro forget_deleted_external_models() -%}
  {%- if execute -%}
    {%- set nodes = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.config.materialized == 'external_model' -%}
      {%- do nodes.append(node.unique_id) -%}
    {%- endfor -%}
    {%- do adapter.dispatch('forget_deleted_external_models', 'dbt_ai')(nodes) -%}
  {%- endif -%}
{%- endmacro %}

{#- Only our own catalog is ours to keep; an object of a warehouse may serve others. -#}
{% macro default__forget_deleted_external_models(nodes) %}
  {%- if dbt_ai._project_looks_up() and dbt_ai._has_runtime() -%}
    {%- do dbt_ai._tell_forgotten(dbt_ai._ask_catalog('prune', {'project': project_name, 'target_schema': target.schema, 'nodes': nodes})) -%}
  {%- endif -%}
{% endmacro %}

{% macro _tell_forgotten(gone) %}
  {%- if gone -%}
    {%- do log('dbt_ai: no longer in the project, and forgotten: external model ' ~ gone | join(', '), info=true) -%}
  {%- endif -%}
{% endmacro %}
