{#- The request argument as SQL: an expression is taken as it is, a mapping {name: expression} is a struct. -#}
{% macro _request(request) -%}
  {%- if request is mapping -%}
    {{ return(dbt_ai.ai_struct(**request)) }}
  {%- endif -%}
  {%- do dbt_ai._require_expression('ai_query', 'request', request) -%}
  {{ return(request) }}
{%- endmacro %}
