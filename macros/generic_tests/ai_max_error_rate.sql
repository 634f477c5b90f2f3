{#- Fails if more than max_rate (0 to 1) of the answers of fail_on_error=false are errors. Rows with nothing asked do not count. -#}
{% test ai_max_error_rate(model, column_name, max_rate=0) %}
{{- config(error_if=dbt_ai._unless_mock()) }}
{%- do dbt_ai._require_stored(model) %}
{%- do dbt_ai._require_rate('ai_max_error_rate', 'max_rate', max_rate) %}
select counted.*, {{ dbt_ai._mock_column('ai_max_error_rate', model) }} from (
  select count(*) as answers, sum(case when error is not null then 1 else 0 end) as errors, min(error) as an_error
  from (select {{ dbt_ai.ai_field(column_name, 'errorStatus', 'STRING') }} as error from {{ model }} where {{ column_name }} is not null) as answered
) as counted
where errors > {{ max_rate }} * answers
{% endtest %}
