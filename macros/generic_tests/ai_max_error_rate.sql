{#- Fails if more than max_rate (0 to 1) of the answers of fail_on_error=false are errors. Rows with nothing asked do not count. -#}
{% test ai_max_error_rate(model, column_name, max_rate=0) %}
{{- config(error_if=dbt_ai._unless_mock()) }}
{%- do dbt_ai._require_stored(model) %}
{%- do dbt_ai._require_rate('ai_max_error_rate', 'max_rate', max_rate) %}
{%- set failing %}
select counted.*, {{ dbt_ai._mock_column('ai_max_error_rate', model) }} from (
  select count(*) as answers, sum(case when error is not null then 1 else 0 end) as errors, min(error) as an_error
  from (select {{ dbt_ai.ai_field(column_name, 'errorStatus', 'STRING') }} as error from {{ model }} where {{ column_name }} is not null) as answered
) as counted
where errors > {{ max_rate }} * answers
{% endset %}
{%- for answers, errors, an_error, _ in dbt_ai._failing_rows(failing) -%}
  {%- do log('ai_max_error_rate: ' ~ (errors | int) ~ ' of ' ~ (answers | int) ~ ' answers in ' ~ dbt_ai._parts_of(model)[-1] ~ '.' ~ column_name ~ ' are errors, and max_rate is ' ~ max_rate ~ '; one is: ' ~ an_error, info=true) -%}
{%- endfor -%}
{{ failing }}
{% endtest %}
