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

{#- Only DuckDB's catalog is ours to keep; in a warehouse the model may serve others. -#}
{% macro default__forget_deleted_external_models(nodes) %}
{% endmacro %}
