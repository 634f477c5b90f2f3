{#- At the start of every run that builds or tests, before any node. -#}
{% macro _begin_run() %}
  {%- if execute -%}
    {%- do dbt_ai.forget_deleted_external_models() -%}
    {%- do adapter.dispatch('_begin_run', 'dbt_ai')() -%}
  {%- endif -%}
{% endmacro %}

{% macro default___begin_run() %}
{% endmacro %}

{#- At the end of a run, also of one that failed. -#}
{% macro _end_run() %}
  {%- if execute -%}
    {%- do adapter.dispatch('_end_run', 'dbt_ai')() -%}
    {%- do dbt_ai._log_usage() -%}
  {%- endif -%}
{% endmacro %}

{% macro default___end_run() %}
{% endmacro %}

{#- Whether a node has AI calls. A macro of the project may hold the call: then what tells is the external model that the node depends on. -#}
{% macro _asks(node) -%}
  {%- set without_calls = ['ai_chunk', 'ai_field', 'ai_cosine_distance', 'ai_cosine_similarity', 'ai_inner_product', 'ai_l2_distance', 'ai_search'] -%}
  {%- for macro in node.depends_on.macros if macro.startswith('macro.dbt_ai.ai_') and macro.split('.')[-1] not in without_calls -%}
    {{ return(true) }}
  {%- endfor -%}
  {%- for parent in node.depends_on.nodes if parent in graph.nodes and graph.nodes[parent].config.materialized == 'external_model' -%}
    {{ return(true) }}
  {%- endfor -%}
  {{ return(false) }}
{%- endmacro %}

{#- Whether what a relation holds was made up: then a test of answers says so instead of failing. -#}
{% macro _holds_mock_answers(relation) -%}
  {{ return(execute and adapter.dispatch('_holds_mock_answers', 'dbt_ai')(relation)) }}
{%- endmacro %}

{% macro default___holds_mock_answers(relation) -%}
  {{ return(false) }}
{%- endmacro %}
