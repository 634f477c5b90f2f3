{#- Fails if the probabilities of a column are further from the truth than they may be, or no row is labelled.
    truth: SQL condition of what is right, NULL where nobody knows. max_error: of the expected calibration error, the mean difference between
    probability and truth over bins. max_brier: of the mean squared difference. field: of a struct column, such as refund.probability. -#}
{% test ai_calibration(model, column_name, truth, max_error=none, max_brier=none, bins=10, field=none) %}
{{- config(error_if=dbt_ai._unless_mock()) }}
{%- do dbt_ai._require_stored(model) %}
{%- if max_error is none and max_brier is none %}
  {%- do exceptions.raise_compiler_error('ai_calibration: nothing is tested; give max_error or max_brier, numbers from 0 to 1') %}
{%- endif %}
{%- for argument, rate in [('max_error', max_error), ('max_brier', max_brier)] if rate is not none %}
  {%- do dbt_ai._require_rate('ai_calibration', argument, rate) %}
{%- endfor %}
{%- set probability = dbt_ai.ai_field(column_name, field, 'DOUBLE') if field else column_name %}
{%- set failing %}
select calibrated.*, {{ dbt_ai._mock_column('ai_calibration', model) }} from (
  select coalesce(sum(labelled), 0) as labelled,
    sum(labelled * abs(mean_probability - positive_rate)) / nullif(sum(labelled), 0) as calibration_error,
    sum(brier_sum) / nullif(sum(labelled), 0) as brier_score
  from {{ dbt_ai.ai_calibration_bins(model, probability, truth, bins) }} as bins
) as calibrated
where labelled = 0
{%- if max_error is not none %} or calibration_error > {{ max_error }}{% endif %}
{%- if max_brier is not none %} or brier_score > {{ max_brier }}{% endif %}
{% endset %}
{%- for labelled, error, brier, _ in dbt_ai._failing_rows(failing) -%}
  {%- set column = dbt_ai._parts_of(model)[-1] ~ '.' ~ column_name -%}
  {%- set found = [] -%}
  {%- for figure, value, limit, most in [('calibration error', error, 'max_error', max_error), ('Brier score', brier, 'max_brier', max_brier)] if most is not none -%}
    {%- do found.append('the ' ~ figure ~ ' is ' ~ '%.3g' | format(value | float) ~ ', and ' ~ limit ~ ' is ' ~ most) -%}
  {%- endfor -%}
  {%- do log('ai_calibration: ' ~ ('of ' ~ (labelled | int) ~ ' labelled probabilities in ' ~ column ~ ' ' ~ found | join('; ')
       if labelled | int else 'no probability in ' ~ column ~ ' is labelled'), info=true) -%}
{%- endfor -%}
{{ failing }}
{% endtest %}
