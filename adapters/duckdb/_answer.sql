{#- The SQL expression for one call: the answer as `type`, or with fail_on_error=false the struct of answer and error. -#}
{% macro _duckdb_answer(function, call, input, type, fail_on_error) %}
  {%- if not fail_on_error -%}
    {%- set type = 'STRUCT(response ' ~ type ~ ', "errorStatus" VARCHAR)' -%}
  {%- endif -%}
  {%- if flags.EMPTY -%}
    {#- DuckDB folds a call on a constant while it plans, even under `limit 0`. -#}
    {{ return('cast(null as ' ~ type ~ ')') }}
  {%- endif -%}
  {%- set prefix = 'dbt_ai_' if fail_on_error else 'dbt_ai_try_' -%}
  {%- set answer = 'cast(' ~ dbt_ai._duckdb_invoke(prefix ~ function, call, input) ~ ' as ' ~ type ~ ')' -%}
  {#- A function that answers in Arrow cannot return a NULL struct. -#}
  {{ return(answer if fail_on_error else 'case when (' ~ input ~ ') is not null then ' ~ answer ~ ' end') }}
{% endmacro %}
