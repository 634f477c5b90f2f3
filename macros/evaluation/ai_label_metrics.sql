{#- Precision, recall and F1 of each label: a relation to select from, with a row for each label that is right or was answered.
    NULL where a rate has nothing to be counted from. A missing answer is a miss of its label. -#}
{% macro ai_label_metrics(relation, answer, label) -%}
  {%- do dbt_ai._require_judged('ai_label_metrics', relation, {'answer': answer, 'label': label}) -%}
  {%- set judged = dbt_ai._judged(relation, {'answer': answer, 'label': label}) -%}
  (select label, labelled, answered, agreeing,
     {{ dbt_ai._rate('agreeing', 'answered') }} as precision_rate,
     {{ dbt_ai._rate('agreeing', 'labelled') }} as recall_rate,
     {{ dbt_ai._rate('2 * agreeing', 'labelled + answered') }} as f1
   from (
     select label, sum(labelled) as labelled, sum(answered) as answered, sum(agreeing) as agreeing
     from (
       select label, 1 as labelled, 0 as answered, case when answer = label then 1 else 0 end as agreeing from {{ judged }}
       union all
       select answer as label, 0 as labelled, 1 as answered, 0 as agreeing from {{ judged }}
     ) as counted
     where label is not null
     group by label
   ) as totals)
{%- endmacro %}
