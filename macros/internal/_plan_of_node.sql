{#- Whether answers are looked up by this SQL. -#}
{% macro _looks_up(sql) %}
  {{ return('dbt_ai_answer' in sql) }}
{% endmacro %}

{#- The views in which answers are looked up and which the node reads, also through others. -#}
{% macro _views_that_look_up(node) %}
  {%- set asking, relations = [], [] -%}
  {%- for id in dbt_ai._views_below(node) -%}
    {%- set view = graph.nodes[id] -%}
    {%- if dbt_ai._asks(view) or view.depends_on.nodes | select('in', asking) | list -%}
      {%- do asking.append(id) -%}
      {%- if view.config.materialized == 'view' and view.resource_type == 'model' -%}
        {%- do relations.append(view.relation_name) -%}
        {%- if view.defer_relation -%}{%- do relations.append(view.defer_relation.relation_name) -%}{%- endif -%}
      {%- endif -%}
    {%- endif -%}
  {%- endfor -%}
  {{ return(relations | unique | list) }}
{% endmacro %}

{#- The views and ephemeral models that the node reads, each behind those that it reads. found: the ids so far, as many ways may lead to one. -#}
{% macro _views_below(node, found=none) %}
  {%- set found = [] if found is none else found -%}
  {%- for id in node.depends_on.nodes if id in graph.nodes and id not in found and graph.nodes[id].config.materialized in ('view', 'ephemeral') -%}
    {%- do dbt_ai._views_below(graph.nodes[id], found) -%}
    {%- do found.append(id) -%}
  {%- endfor -%}
  {{ return(found) }}
{% endmacro %}

{#- Run the plan of the node to its end; returns {state, message, sql, kept}: the SQL that joins the answers, and the tables in it that are dropped
    with the transaction that builds. None where nothing is looked up, or no runtime is there to ask, as in dbt v2.
    schema: where the SQL is built, none where another SQL is. The runtime plans in a thread of its own; asking it once a second keeps dbt able to stop. -#}
{% macro _plan_of_node(sql, schema=none) %}
  {%- set views = dbt_ai._views_that_look_up(model) -%}
  {%- if not dbt_ai._looks_up(sql) and not views -%}{{ return(none) }}{%- endif -%}
  {%- if not dbt_ai._has_runtime() -%}
    {% do exceptions.warn('AI030: ' ~ model.unique_id ~ ': this dbt has no way in for the dbt_ai runtime, so that the model is built with the answers that are'
        ~ ' stored, and NULL where there is none; run `dbt-ai fill --select ' ~ model.name ~ '` before it') %}
    {{ return(none) }}
  {%- endif -%}
  {%- do dbt_ai._require_contract(sql) -%}
  {%- do dbt_ai._ask_runtime('plan', {'node': model.unique_id, 'owner': thread_id, 'sql': sql, 'views': views, 'tags': model.tags,
        'hooks': dbt_ai._has_hooks_of_its_own(model), 'schema': schema,
        'batch': [model.batch.event_time_end | string, model.config.batch_size | string] if model.batch else none}) -%}
  {%- set progress = namespace(status={'state': 'running'}) -%}
  {#- Two loops, since Jinja has no way out of one: what was left of a single one took a third of a second after the last answer. #}
  {%- for _ in range(300) if progress.status.state == 'running' -%}
    {%- for _ in range(300) if progress.status.state == 'running' -%}
      {%- set progress.status = dbt_ai._ask_runtime('wait', {'node': model.unique_id}) -%}
    {%- endfor -%}
  {%- endfor -%}
  {%- if progress.status.state == 'failed' -%}
    {% do exceptions.raise_database_error(progress.status.message) %}
  {%- endif -%}
  {{ return(progress.status) }}
{% endmacro %}

{#- Whether hooks other than ours run before the SQL of a node, which may need what they do. -#}
{% macro _has_hooks_of_its_own(node) %}
  {%- for hook in node.config.get('pre-hook', []) if 'ai_prefetch' not in hook | string -%}{{ return(true) }}{%- endfor -%}
  {{ return(false) }}
{% endmacro %}

{#- dbt compares the columns when it builds the table, which is after everything was paid for. Not where hooks make what the SQL reads, nor of
    ai_changed_rows, which adds a column. -#}
{% macro _require_contract(sql) %}
  {%- if config.get('contract', {}).enforced and not dbt_ai._has_hooks_of_its_own(model) and dbt_ai._changed_rows_source(sql) is none -%}
    {%- do get_assert_columns_equivalent(sql) -%}
  {%- endif -%}
{% endmacro %}
