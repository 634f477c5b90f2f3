{#- The runtime on a warehouse, by way of the method that our plugin of dbt gives every adapter; see dbt_ai/engines/warehouse/session.py
    for the actions. -#}
{% macro _ask_runtime(action, arguments={}) %}
  {%- set answer = adapter.dbt_ai(action, dict(arguments, settings=var('dbt_ai', {}))) -%}
  {%- if answer.error is defined -%}
    {% do exceptions.raise_database_error(answer.error) %}
  {%- endif -%}
  {{ return(answer) }}
{% endmacro %}

{#- What the catalog of the warehouse answers: see dbt_ai/engines/catalog_actions.py. -#}
{% macro _ask_catalog(action, arguments={}) %}
  {{ return(dbt_ai._ask_runtime('catalog', {'action': action, 'arguments': arguments}).result) }}
{% endmacro %}

{% macro _has_runtime() %}
  {{ return(adapter.dbt_ai is defined) }}
{% endmacro %}
