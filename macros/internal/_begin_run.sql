{#- At the start of every run that builds or tests, before any node. -#}
{% macro _begin_run() %}
  {%- if execute -%}
    {%- if dbt_ai._has_runtime() -%}{%- do adapter.dbt_ai('begin_run', {}) -%}{%- endif -%}
    {%- do dbt_ai._require_index_hooks() -%}
    {%- do dbt_ai.forget_deleted_external_models() -%}
    {%- do adapter.dispatch('_begin_run', 'dbt_ai')() -%}
  {%- endif -%}
{% endmacro %}

{#- The tables must be there before a view over AI calls is made. -#}
{% macro default___begin_run() %}
  {%- if dbt_ai._project_looks_up() and dbt_ai._has_runtime() -%}
    {%- set prepared = dbt_ai._ask_runtime('prepare') -%}
    {%- set nodes = dbt_ai._nodes_of_run(by_functions=false) -%}
    {%- do dbt_ai._warn_of_each(dbt_ai._ask_catalog('begin_run', {'invocation': invocation_id, 'nodes': nodes, 'all_nodes': dbt_ai._nodes_with_names()})) -%}
    {%- if prepared.has_no_answers -%}
      {%- do dbt_ai._warn_of_emptied_store(dbt_ai._nodes_of(nodes | selectattr('asks') | map(attribute='id') | list)) -%}
    {%- endif -%}
    {%- for node in graph.nodes.values() if node.unique_id in selected_resources and dbt_ai._is_unplanned(node) and dbt_ai._is_looked_up_in(node) -%}
      {% do exceptions.warn('AI031: ' ~ node.unique_id ~ ' has AI calls that nothing plans: it is built with the answers that are stored, and NULL where there is'
           ~ ' none; use ai_table, or pre_hook="{{ dbt_ai.ai_prefetch() }}"') %}
    {%- endfor -%}
  {%- endif -%}
{% endmacro %}

{#- Nodes of the graph by their ids. -#}
{% macro _nodes_of(ids) %}
  {%- set nodes = [] -%}
  {%- for id in ids -%}{%- do nodes.append(graph.nodes[id]) -%}{%- endfor -%}
  {{ return(nodes) }}
{% endmacro %}

{% macro _warn_of_each(warnings) %}
  {%- for warning in warnings -%}
    {% do exceptions.warn(warning) %}
  {%- endfor -%}
{% endmacro %}

{#- Models and snapshots as dbt_ai/mock_relations.py takes them. by_functions: the runtime answers while SQL runs, so that a view holds no answers
    and no call is the warehouse's own. -#}
{% macro _nodes_of_run(by_functions) %}
  {%- set nodes = [] -%}
  {%- for node in graph.nodes.values() if node.resource_type in ('model', 'snapshot') -%}
    {%- set refreshes = node.config.full_refresh if node.config.full_refresh is not none else flags.FULL_REFRESH -%}
    {%- do nodes.append({
          'id': node.unique_id, 'relation': [node.database or target.database, node.schema, node.alias or node.name],
          'materialized': node.config.materialized, 'parents': node.depends_on.nodes,
          'keeps_rows': node.config.materialized not in (['ephemeral', 'external_model'] + (['view'] if by_functions else [])),
          'asks': dbt_ai._asks(node) and (by_functions or dbt_ai._is_looked_up_in(node)),
          'selected': node.unique_id in selected_resources,
          'full_refresh': refreshes | as_bool and node.resource_type == 'model'}) -%}
  {%- endfor -%}
  {{ return(nodes) }}
{% endmacro %}

{#- What dbt_ai.project_names.ProjectNames reads of a manifest's nodes: of all their tags, of external models more. -#}
{% macro _nodes_with_names() %}
  {%- set nodes = {} -%}
  {%- for id, node in graph.nodes.items() -%}
    {%- set told = {'tags': node.tags} if node.tags else {} -%}
    {%- if node.config.materialized == 'external_model' -%}
      {%- do told.update({'name': node.name, 'alias': node.alias, 'config': {'materialized': 'external_model', 'meta': {'dbt_ai': node.config.meta.dbt_ai}}}) -%}
    {%- endif -%}
    {%- do nodes.update({id: told}) -%}
  {%- endfor -%}
  {{ return(nodes) }}
{% endmacro %}

{#- Whether a node has AI calls and its materialization plans none. -#}
{% macro _is_unplanned(node) -%}
  {{ return(dbt_ai._is_built_by_dbt(node) and dbt_ai._asks(node) and not dbt_ai._only_cuts(node)) }}
{%- endmacro %}

{#- Whether ai_chunk is all that a node has of us: it only counts the tokens of an external model. -#}
{% macro _only_cuts(node) -%}
  {%- set called = [] -%}
  {%- for macro in node.depends_on.macros if macro.startswith('macro.dbt_ai.ai_') -%}{%- do called.append(macro) -%}{%- endfor -%}
  {{ return('macro.dbt_ai.ai_chunk' in called and not called | reject('in', ['macro.dbt_ai.ai_chunk', 'macro.dbt_ai.ai_chunk_key']) | list) }}
{%- endmacro %}

{#- Whether a materialization of dbt's own keeps the node's rows, and no pre-hook plans its AI calls. -#}
{% macro _is_built_by_dbt(node) -%}
  {{ return(node.config.materialized in ('table', 'incremental', 'snapshot') and 'ai_prefetch' not in node.config.get('pre-hook', []) | string) }}
{%- endmacro %}

{#- Whether the calls of a node are looked up. -#}
{% macro _is_looked_up_in(node) -%}
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
  {%- if dbt_ai._project_looks_up() and dbt_ai._has_runtime() -%}
    {%- do dbt_ai._ask_catalog('end_run', {'invocation': invocation_id, 'built': dbt_ai._built()}) -%}
  {%- endif -%}
{% endmacro %}

{#- The nodes that this run has built. -#}
{% macro _built() %}
  {%- set built = [] -%}
  {%- for result in results if result.status == 'success' -%}{%- do built.append(result.node.unique_id) -%}{%- endfor -%}
  {{ return(built) }}
{% endmacro %}

{#- Whether a node has AI calls. A macro of the project may hold the call: then what tells is the external model that the node depends on. -#}
{% macro _asks(node) -%}
  {%- set without_calls = ['ai_chunk', 'ai_chunk_key', 'ai_field', 'ai_cosine_distance', 'ai_cosine_similarity', 'ai_inner_product', 'ai_l2_distance', 'ai_search', 'ai_vector_index',
        'ai_messages', 'ai_prompt', 'ai_struct', 'ai_accuracy', 'ai_calibration_bins', 'ai_confusion_matrix', 'ai_label_metrics', 'ai_threshold_sweep'] -%}
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

{#- A test with `where` gets a subquery for its relation. -#}
{% macro default___holds_mock_answers(relation) -%}
  {%- if not (dbt_ai._project_looks_up() and dbt_ai._has_runtime()) -%}{{ return(false) }}{%- endif -%}
  {{ return(dbt_ai._ask_catalog('holds_mock', {'invocation': invocation_id, 'relation': dbt_ai._parts_of(relation)})) }}
{%- endmacro %}

{#- The names of a relation's schema and of itself, perhaps after that of its database, without quotes. -#}
{% macro _parts_of(relation) -%}
  {%- set name = '(?:"[^"]+"|`[^`]+`|\\[[^\\]]+\\]|[\\w$-]+)' -%}
  {%- set found = modules.re.search('(?:' ~ name ~ '[.]){1,2}' ~ name, relation | string) -%}
  {%- set parts = [] -%}
  {%- for part in modules.re.findall(name, found.group(0)) if found -%}{%- do parts.append(part | replace('"', '') | replace('`', '') | replace('[', '') | replace(']', '')) -%}{%- endfor -%}
  {{ return(parts) }}
{%- endmacro %}
