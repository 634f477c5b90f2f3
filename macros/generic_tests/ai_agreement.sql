{#- Fails if fewer than min_accuracy (0 to 1) of the labelled rows agree with their label, or no row is labelled.
    label_column: SQL expression of what is right, NULL where nobody knows. A missing answer does not agree. -#}
{% test ai_agreement(model, column_name, label_column, min_accuracy, field=none) %}
{{- config(error_if=dbt_ai._unless_mock()) }}
{%- do dbt_ai._require_stored(model) %}
{%- do dbt_ai._require_rate('ai_agreement', 'min_accuracy', min_accuracy) %}
{%- set answer = dbt_ai.ai_field(column_name, field, 'STRING') if field else column_name %}
{%- set failing %}
select counted.*, {{ dbt_ai._mock_column('ai_agreement', model) }} from (
  select count(*) as labelled, coalesce(sum(case when answer = label then 1 else 0 end), 0) as agreeing
  from (select {{ answer }} as answer, {{ label_column }} as label from {{ model }}) as answered
  where label is not null
) as counted
where labelled = 0 or agreeing < {{ min_accuracy }} * labelled
{% endset %}
{%- for labelled, agreeing, _ in dbt_ai._failing_rows(failing) -%}
  {%- set column = dbt_ai._parts_of(model)[-1] ~ '.' ~ column_name -%}
  {%- do log('ai_agreement: ' ~ ((agreeing | int) ~ ' of ' ~ (labelled | int) ~ ' labelled answers in ' ~ column ~ ' agree, and min_accuracy is ' ~ min_accuracy
       if labelled | int else 'no answer in ' ~ column ~ ' is labelled'), info=true) -%}
{%- endfor -%}
{{ failing }}
{% endtest %}
