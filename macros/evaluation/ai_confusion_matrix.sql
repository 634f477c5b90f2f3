{#- How often each answer was given where each label is right: a relation to select from, with a row for each pair that occurs.
    answer, label: SQL expressions over the relation. Rows whose label is NULL are left out; a missing answer is NULL. -#}
{% macro ai_confusion_matrix(relation, answer, label) -%}
  {%- do dbt_ai._require_judged('ai_confusion_matrix', relation, {'answer': answer, 'label': label}) -%}
  (select label, answer, count(*) as occurrences
   from {{ dbt_ai._judged(relation, {'answer': answer, 'label': label}) }}
   group by label, answer)
{%- endmacro %}
