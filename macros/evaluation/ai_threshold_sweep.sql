{#- What each threshold of a probability would have decided: a relation to select from, with a row for each threshold.
    probability: SQL expression, 0 to 1. truth: SQL condition, NULL where nobody knows. steps: thresholds from 0 to 1. -#}
{% macro ai_threshold_sweep(relation, probability, truth, steps=20) -%}
  {%- do dbt_ai._require_judged('ai_threshold_sweep', relation, {'probability': probability, 'truth': truth}) -%}
  {%- if steps is not integer or steps < 1 or steps > 1000 -%}
    {% do exceptions.raise_compiler_error('ai_threshold_sweep: steps ' ~ steps ~ ' is not a number of steps; give a whole number from 1 to 1000') %}
  {%- endif -%}
  (select threshold, labelled, positives, selected, agreeing,
     {{ dbt_ai._rate('agreeing', 'selected') }} as precision_rate,
     {{ dbt_ai._rate('agreeing', 'positives') }} as recall_rate,
     {{ dbt_ai._rate('2 * agreeing', 'positives + selected') }} as f1,
     {{ dbt_ai._rate('labelled - positives - selected + 2 * agreeing', 'labelled') }} as accuracy
   from (
     select threshold, count(*) as labelled, sum(positive) as positives,
       sum(case when probability >= threshold then 1 else 0 end) as selected,
       sum(case when probability >= threshold then positive else 0 end) as agreeing
     from {{ dbt_ai._judged_probabilities(relation, probability, truth) }}
     cross join (
       {%- for step in range(steps + 1) %}
       select {{ dbt_ai._decimal(step / steps) }} as threshold{{ ' union all' if not loop.last }}
       {%- endfor %}
     ) as thresholds
     group by threshold
   ) as counted)
{%- endmacro %}
