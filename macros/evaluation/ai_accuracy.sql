{#- The share of the labelled rows whose answer is their label: a relation to select from, with one row: labelled, agreeing, accuracy. -#}
{% macro ai_accuracy(relation, answer, label) -%}
  {%- do dbt_ai._require_judged('ai_accuracy', relation, {'answer': answer, 'label': label}) -%}
  (select labelled, agreeing, {{ dbt_ai._rate('agreeing', 'labelled') }} as accuracy
   from (
     select count(*) as labelled, coalesce(sum(case when answer = label then 1 else 0 end), 0) as agreeing
     from {{ dbt_ai._judged(relation, {'answer': answer, 'label': label}) }}
   ) as counted)
{%- endmacro %}
