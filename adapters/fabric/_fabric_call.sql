{#- ERROR ON ERROR, or a row that failed would be NULL. https://learn.microsoft.com/sql/t-sql/functions/ai-generate-response-transact-sql -#}
{% macro _fabric_call(function, text, others=[]) %}
  {{ return(dbt_ai._unless_null(text, function ~ '(' ~ ([text] + others) | join(', ') ~ ' ERROR ON ERROR)')) }}
{% endmacro %}
