{#- How often a probability was right, by how large it was: a relation to select from, with a row for each bin that has rows.
    probability: SQL expression, 0 to 1. truth: SQL condition, NULL where nobody knows. Rows without a probability are left out.
    brier_sum: sum of the squared differences between probability and truth. -#}
{% macro ai_calibration_bins(relation, probability, truth, bins=10) -%}
  {%- do dbt_ai._require_judged('ai_calibration_bins', relation, {'probability': probability, 'truth': truth}) -%}
  {%- if bins is not integer or bins < 1 or bins > 1000 -%}
    {% do exceptions.raise_compiler_error('ai_calibration_bins: bins ' ~ bins ~ ' is not a number of bins; give a whole number from 1 to 1000') %}
  {%- endif -%}
  (select bin, count(*) as labelled, avg(probability) as mean_probability, avg(1.0 * positive) as positive_rate,
     sum((probability - positive) * (probability - positive)) as brier_sum
   from (
     select probability, positive, case when probability >= 1 then {{ bins - 1 }} else floor(probability * {{ bins }}) end as bin
     from {{ dbt_ai._judged_probabilities(relation, probability, truth) }}
     where probability is not null
   ) as binned
   group by bin)
{%- endmacro %}
