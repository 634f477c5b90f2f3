{#- Adds to the node's result what it asked: to the line that dbt logs, and as figures to run_results.json. Called when its SQL has run. -#}
{% macro _tell_counts() %}
  {%- set main = load_result('main') -%}
  {%- set asked = adapter.dispatch('_counts_of_node', 'dbt_ai')() -%}
  {%- if main and asked.counts -%}
    {%- set response = adapter.dbt_ai('with_counts', dict(asked, response=main.response)).response -%}
    {%- do store_result('main', response=response, agate_table=main.table) -%}
  {%- endif -%}
{% endmacro %}

{% macro default___counts_of_node() %}
  {{ return(dbt_ai._ask_runtime('counts', {'node': model.unique_id})) }}
{% endmacro %}

{#- The result of a node that mode `estimate` does not build. -#}
{% macro _store_estimate(plan) %}
  {%- do store_result('main', response=adapter.dbt_ai('estimated', {'message': plan.message, 'expected': plan.expected}).response) -%}
{% endmacro %}

{#- After a pre-hook has planned: the materialization is dbt's own, so what ours do at their end is left to a hook of its own. -#}
{% macro _go_on_after_plan(plan) %}
  {%- if plan.state == 'estimated' -%}
    {%- do dbt_ai._store_estimate(plan) -%}
    {%- do adapter.dbt_ai('build_nothing', {'stack': context_macro_stack}) -%}
  {%- endif -%}
  {%- do post_hooks.append({'sql': '{{ dbt_ai._tell_counts() }}', 'transaction': true}) -%}
{% endmacro %}
