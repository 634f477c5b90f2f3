{#- At the start of every run that builds or tests, before any node. -#}
{% macro _begin_run() %}
  {%- if execute -%}
    {%- do dbt_ai._require_index_hooks() -%}
    {%- do dbt_ai.forget_deleted_external_models() -%}
    {%- do adapter.dispatch('_begin_run', 'dbt_ai')() -%}
  {%- endif -%}
{% endmacro %}

{#- The tables must be there before a view over AI calls is made. -#}
{% macro default___begin_run() %}
  {%- if dbt_ai._project_looks_up() and dbt_ai._has_runtime() -%}
    {%- if dbt_ai._ask_runtime('prepare').has_no_answers -%}
      {%- set asking = [] -%}
      {%- for node in graph.nodes.values() if node.resource_type in ('model', 'snapshot') and dbt_ai._asks(node) -%}{%- do asking.append(node) -%}{%- endfor -%}
      {%- do dbt_ai._warn_of_emptied_store(asking) -%}
    {%- endif -%}
    {%- for node in graph.nodes.values() if node.unique_id in selected_resources and dbt_ai._is_unplanned(node) -%}
      {% do exceptions.warn('AI031: ' ~ node.unique_id ~ ' has AI calls that nothing plans: it is built with the answers that are stored, and NULL where there is'
           ~ ' none; use ai_table, or pre_hook="{{ dbt_ai.ai_prefetch() }}"') %}
    {%- endfor -%}
  {%- endif -%}
{% endmacro %}

{#- Whether a node looks answers up that its materialization does not get. -#}
{% macro _is_unplanned(node) -%}
  {%- if node.config.materialized not in ('table', 'incremental', 'snapshot') or not dbt_ai._asks(node)
        or 'ai_prefetch' in node.config.get('pre-hook', []) | string -%}
    {{ return(false) }}
  {%- endif -%}
  {%- set way = ((node.config.meta or {}).get('dbt_ai') or {}).get('way') -%}
  {%- if way -%}{{ return(way == 'runtime') }}{%- endif -%}
  {%- for parent in node.depends_on.nodes if parent in graph.nodes and dbt_ai._is_looked_up_model(graph.nodes[parent]) -%}
    {{ return(true) }}
  {%- endfor -%}
  {{ return(false) }}
{%- endmacro %}

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
  {%- set without_calls = ['ai_chunk', 'ai_chunk_key', 'ai_field', 'ai_cosine_distance', 'ai_cosine_similarity', 'ai_inner_product', 'ai_l2_distance', 'ai_search', 'ai_vector_index'] -%}
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
