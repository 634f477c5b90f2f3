{#- At the start of a run: where answers are looked up, the tables must be there before a view over AI calls is made. -#}
{% macro _prepare_runtime() %}
  {%- if execute and flags.WHICH in ('run', 'build', 'test', 'snapshot', 'seed', 'retry') and dbt_ai._project_looks_up() and dbt_ai._has_runtime() -%}
    {%- do dbt_ai._ask_runtime('prepare') -%}
  {%- endif -%}
{% endmacro %}

{#- Whether a node of the project may look answers up: it says so, or there is an external model that nothing in this warehouse stands for. -#}
{% macro _project_looks_up() %}
  {%- for node in graph.nodes.values() if node.resource_type == 'model' and ((node.config.meta or {}).dbt_ai or {}).way == 'runtime' -%}
    {{ return(true) }}
  {%- endfor -%}
  {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.config.materialized == 'external_model' and (node.config.meta.dbt_ai or {}).api_format is defined -%}
    {%- set external_model = dict(node.config.meta.dbt_ai, literal=false) -%}
    {%- if dbt_ai._is_looked_up('ai_embed' if external_model.model_type == 'EMBEDDINGS' else 'ai_query', external_model) -%}{{ return(true) }}{%- endif -%}
  {%- endfor -%}
  {{ return(false) }}
{% endmacro %}
