{#- Whether a node of the project may look answers up: it says so, or there is an external model that nothing in this warehouse stands for. -#}
{% macro _project_looks_up() %}
  {%- for node in graph.nodes.values() if node.resource_type == 'model' and ((node.config.meta or {}).dbt_ai or {}).way == 'runtime' -%}
    {{ return(true) }}
  {%- endfor -%}
  {%- for node in graph.nodes.values() if dbt_ai._is_looked_up_model(node) -%}
    {{ return(true) }}
  {%- endfor -%}
  {{ return(false) }}
{% endmacro %}

{#- Whether a node is an external model whose answers are looked up, unless a node that asks it says otherwise. -#}
{% macro _is_looked_up_model(node) %}
  {%- if node.config.materialized != 'external_model' or (node.config.meta.dbt_ai or {}).api_format is not defined -%}{{ return(false) }}{%- endif -%}
  {%- set external_model = dict(node.config.meta.dbt_ai, literal=false) -%}
  {{ return(dbt_ai._is_looked_up('ai_embed' if external_model.model_type == 'EMBEDDINGS' else 'ai_query', external_model)) }}
{% endmacro %}
