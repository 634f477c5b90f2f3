{#- At the end of a run, also of one that failed: what was asked, of whom, for which node, and what it cost. -#}
{% macro _log_usage() %}
  {%- if execute -%}{%- do adapter.dispatch('_log_usage', 'dbt_ai')() -%}{%- endif -%}
{% endmacro %}

{% macro default___log_usage() %}
  {%- if dbt_ai._project_looks_up() and dbt_ai._has_runtime() -%}
    {%- set usage = dbt_ai._ask_runtime('summary').summary -%}
    {%- if usage -%}{%- do log(usage, info=true) -%}{%- endif -%}
  {%- endif -%}
{% endmacro %}
