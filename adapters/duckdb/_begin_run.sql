{#- Tells the runtime what this run builds, so that real answers are never added to mock ones; see dbt_ai/mock_relations.py. -#}
{% macro duckdb___begin_run() %}
  {%- if dbt_ai._duckdb_looks_up() -%}
    {{ return(dbt_ai.default___begin_run()) }}
  {%- endif -%}
  {%- if 'dbt_ai' in (target.plugins or []) | map(attribute='module') -%}
    {%- do dbt_ai._duckdb_warn_of_vars() -%}
    {%- do dbt_ai._duckdb_forget_indexes() -%}
    {%- set nodes = dbt_ai._nodes_of_run(by_functions=true) -%}
    {%- set asking = nodes | selectattr('asks') | map(attribute='id') | list -%}
    {%- if asking -%}
      {%- do dbt_ai._warn_of_each(dbt_ai._duckdb_catalog('begin_run', {'invocation': invocation_id, 'nodes': nodes, 'all_nodes': dbt_ai._nodes_with_names()})) -%}
      {%- if dbt_ai._duckdb_catalog('has_no_answers', {}) -%}{%- do dbt_ai._warn_of_emptied_store(dbt_ai._nodes_of(asking)) -%}{%- endif -%}
      {%- do dbt_ai._duckdb_warn_of_unplanned() -%}
    {%- endif -%}
  {%- else -%}
    {%- do dbt_ai.default___begin_run() -%}
  {%- endif -%}
{% endmacro %}

{#- Its calls are made as rows are read: nobody hears how many there are, what they cost, and how far they are. -#}
{% macro _duckdb_warn_of_unplanned() %}
  {%- for node in graph.nodes.values() if node.unique_id in selected_resources and dbt_ai._is_unplanned(node) -%}
    {% do exceptions.warn('AI031: ' ~ node.unique_id ~ ' has AI calls that nothing plans: they are made as its rows are read, without an estimate and without'
         ~ " progress; use materialized='ai_table', or " ~ 'pre_hook="{{ dbt_ai.ai_prefetch() }}"') %}
  {%- endfor -%}
  {%- for node in graph.nodes.values() if node.unique_id in selected_resources and dbt_ai._is_built_by_dbt(node) and not dbt_ai._asks(node) -%}
    {%- set views = [] -%}
    {%- for id in dbt_ai._views_below(node) if dbt_ai._asks(graph.nodes[id]) and not dbt_ai._only_cuts(graph.nodes[id]) -%}
      {%- do views.append(graph.nodes[id]) -%}
    {%- endfor -%}
    {%- if views -%}
      {%- set read = views[0] -%}
      {% do exceptions.warn('AI031: ' ~ node.unique_id ~ ' reads ' ~ read.name ~ ', a ' ~ read.config.materialized ~ ' with AI calls that nothing plans: they are made as its rows'
           ~ " are read, without an estimate and without progress; make " ~ read.name ~ " an ai_table, or use " ~ 'pre_hook="{{ dbt_ai.ai_prefetch() }}"') %}
    {%- endif -%}
  {%- endfor -%}
{% endmacro %}

{#- A project may have a warehouse too, which reads them. Whoever has DuckDB alone wrote a budget where nobody reads it. -#}
{% macro _duckdb_warn_of_vars() %}
  {%- do dbt_ai._way_that_is_set() -%}
  {%- set here = [] -%}
  {%- for plugin in target.plugins if plugin.module == 'dbt_ai' -%}{%- do here.extend((plugin.config or {}).keys()) -%}{%- endfor -%}
  {%- set passed_over = (var('dbt_ai', {}) or {}).keys() | reject('equalto', 'way') | reject('in', here) | list -%}
  {%- if passed_over -%}
    {% do exceptions.warn('vars: dbt_ai: ' ~ passed_over | join(', ') ~ " is for warehouses and not read here: DuckDB's settings stand under `config` of the plugin in profiles.yml") %}
  {%- endif -%}
{% endmacro %}

{% macro duckdb___end_run() %}
  {%- if dbt_ai._duckdb_looks_up() -%}
    {{ return(dbt_ai.default___end_run()) }}
  {%- endif -%}
  {%- if 'dbt_ai' in (target.plugins or []) | map(attribute='module') -%}
    {%- do dbt_ai._duckdb_catalog('end_run', {'invocation': invocation_id, 'built': dbt_ai._built()}) -%}
  {%- endif -%}
{% endmacro %}

{% macro duckdb___holds_mock_answers(relation) -%}
  {%- if dbt_ai._duckdb_looks_up() -%}{{ return(dbt_ai.default___holds_mock_answers(relation)) }}{%- endif -%}
  {%- if 'dbt_ai' not in (target.plugins or []) | map(attribute='module') -%}{{ return(false) }}{%- endif -%}
  {{ return(dbt_ai._duckdb_catalog('holds_mock', {'invocation': invocation_id, 'relation': dbt_ai._parts_of(relation)})) }}
{%- endmacro %}
