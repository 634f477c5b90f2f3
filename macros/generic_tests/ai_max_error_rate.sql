{#- Fails if more than max_rate (0 to 1) of the answers of fail_on_error=false are errors. Rows with nothing asked do not count. -#}
{% test ai_max_error_rate(model, column_name, max_rate=0) %}
{{- config(error_if=dbt_ai._unless_mock()) }}
{%- do dbt_ai._require_stored(model) %}
{%- do dbt_ai._require_rate('ai_max_error_rate', 'max_rate', max_rate) %}
{%- set counted %}
  select count(*) as answers, sum(case when error is not null then 1 else 0 end) as errors, min(error) as an_error
  from (select {{ dbt_ai.ai_field(column_name, 'errorStatus', 'STRING') }} as error from {{ model }} where {{ column_name }} is not null) as answered
{% endset %}
{%- do dbt_ai._tell_errors(counted, dbt_ai._parts_of(model)[-1] ~ '.' ~ column_name, max_rate) %}
select counted.*, {{ dbt_ai._mock_column('ai_max_error_rate', model) }} from ({{ counted }}) as counted
where errors > {{ max_rate }} * answers
{% endtest %}

{#- dbt tells of a failed test how many rows its SQL gave, which says nothing here: it is one row. -#}
{% macro _tell_errors(counted, column, max_rate) %}
  {%- if execute and flags.WHICH in ('test', 'build') -%}
    {%- set row = run_query(counted).rows[0] -%}
    {%- set answers, errors = row[0] | int, (row[1] or 0) | int -%}
    {%- if errors > max_rate * answers -%}
      {%- do log('ai_max_error_rate: ' ~ errors ~ ' of ' ~ answers ~ ' answers in ' ~ column ~ ' are errors, and max_rate is ' ~ max_rate ~ '; one is: ' ~ row[2], info=true) -%}
    {%- endif -%}
  {%- endif -%}
{% endmacro %}
