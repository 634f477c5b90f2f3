{#- The request argument as SQL: an expression is taken as it is, a mapping {name: expression} is a struct. -#}
{% macro _request(request) -%}
  {%- if request is mapping -%}
    {{ return(dbt_ai.ai_struct(**request)) }}
  {%- elif request is not string or not request.strip() -%}
    {% do exceptions.raise_compiler_error("ai_query: request " ~ request ~ " is not a SQL expression; give one as text, such as \"'Summarize: ' || body\", or dbt_ai.ai_struct(…)") %}
  {%- endif -%}
  {{ return(request) }}
{%- endmacro %}
