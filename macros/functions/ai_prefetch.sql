{#- A pre-hook for the built-in materializations: plans and executes the node's AI calls before its SQL runs.
    The hook sees the compiled SQL with is_incremental() already decided. -#}
{% macro ai_prefetch() -%}
  {{ return(adapter.dispatch('ai_prefetch', 'dbt_ai')()) }}
{%- endmacro %}

{% macro default__ai_prefetch() -%}
  {%- if execute and sql is defined and sql -%}
    {%- set plan = dbt_ai._plan_of_node(sql) -%}
    {%- if plan -%}{%- do dbt_ai._go_on_after_plan(plan) -%}{%- endif -%}
  {%- endif -%}
{%- endmacro %}
