{#- Run the node's plan to its end; returns {state, message, expected}. The runtime plans in a thread of its own; asking it once a second keeps dbt able to stop,
    since Ctrl-C is seen between statements only. -#}
{% macro _duckdb_plan(sql) %}
  {%- do dbt_ai._duckdb_require_plugin() -%}
  {%- set options = dict(config.get('meta', {}).get('dbt_ai', {}), target=target.name, tags=model.tags) -%}
  {#- Most pairs that ai_join asks about are no rows of its result; its k bounds them. -#}
  {%- if '/* dbt_ai_join */' in sql -%}{%- do options.update({'allow_large_plan': true}) -%}{%- endif -%}
  {%- set node = dbt_ai._string_literal(model.unique_id) -%}
  {%- do run_query("select dbt_ai_plan(" ~ node ~ ", " ~ dbt_ai._string_literal(thread_id)
        ~ ", " ~ dbt_ai._string_literal(sql) ~ ", " ~ dbt_ai._string_literal(tojson(options)) ~ ")") -%}
  {%- set progress = namespace(state='running', message='', expected=none) -%}
  {#- Two loops, since Jinja has no way out of one: what was left of a single one took a second after the last answer. #}
  {%- for _ in range(300) if progress.state == 'running' -%}
    {%- for _ in range(300) if progress.state == 'running' -%}
      {%- set answer = fromjson(run_query("select dbt_ai_wait(" ~ node ~ ")").columns[0][0]) -%}
      {%- set progress.state = answer.state -%}
      {%- set progress.message = answer.message -%}
      {%- set progress.expected = answer.expected -%}
    {%- endfor -%}
  {%- endfor -%}
  {%- if progress.state == 'failed' -%}
    {% do exceptions.raise_database_error(progress.message) %}
  {%- elif progress.state == 'on demand' or progress.state == 'refused' and dbt_ai._hooks_that_prepare() -%}
    {#- What the database refuses whatever is answered, dbt tells when it builds; but a pre-hook may make what is missing yet. -#}
    {% do exceptions.warn(model.unique_id ~ ': its AI calls cannot be planned and are executed as its rows are read: ' ~ progress.message) %}
  {%- endif -%}
  {%- do run_query("set variable dbt_ai_node = " ~ node) -%}
  {{ return(progress) }}
{% endmacro %}

{#- The pre-hooks of this node beside our own, which may make what its SQL reads. -#}
{% macro _hooks_that_prepare() %}
  {%- set found = [] -%}
  {%- for hook in pre_hooks or [] if 'ai_prefetch' not in hook.sql -%}{%- do found.append(hook) -%}{%- endfor -%}
  {{ return(found) }}
{% endmacro %}

{#- dbt compares the columns when it builds the table, which is after everything was paid for. Asked in a pass, since DuckDB folds calls on
    constants even where it only describes them. -#}
{% macro _duckdb_require_contract(sql) %}
  {%- if config.get('contract', {}).enforced -%}
    {%- do run_query("set variable dbt_ai_node = " ~ dbt_ai._string_literal('collect ' ~ model.unique_id)) -%}
    {%- do get_assert_columns_equivalent(sql) -%}
  {%- endif -%}
{% endmacro %}
