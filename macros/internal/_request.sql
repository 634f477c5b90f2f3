{#- The request argument as SQL: an expression is taken as it is, a mapping {name: expression} is a struct, or the JSON of one. -#}
{% macro _request(request, as_json=false) -%}
  {%- if request is mapping and not dbt_ai._is_relation(request) -%}
    {{ return(dbt_ai._struct_as_json(request) if as_json else dbt_ai.ai_struct(**request)) }}
  {%- endif -%}
  {%- do dbt_ai._require_expression('ai_query', 'request', request) -%}
  {{ return(request) }}
{%- endmacro %}
