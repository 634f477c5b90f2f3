{#- A pre-hook for the built-in materializations: plans and executes the node's AI calls before its SQL runs.
    The hook sees the compiled SQL with is_incremental() already decided. -#}
{% macro ai_prefetch() -%}
  {{ return(adapter.dispatch('ai_prefetch', 'dbt_ai')()) }}
{%- endmacro %}

{% macro default__ai_prefetch() -%}
{%- endmacro %}
