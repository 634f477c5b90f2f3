{#- SQL expressions one after another as one text, NULL if one of them is. Not concat(), which drops a NULL on some engines: a NULL
    input must stay NULL and unpaid. -#}
{% macro _concatenation(parts) %}
  {{ return(adapter.dispatch('_concatenation', 'dbt_ai')(parts)) }}
{% endmacro %}

{% macro default___concatenation(parts) %}
  {{ return('(' ~ parts | join(' || ') ~ ')') }}
{% endmacro %}
