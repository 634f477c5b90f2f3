{#- The labelled rows of a relation, with the expressions under their names. The relation may be a ref or a select in brackets. -#}
{% macro _judged(relation, expressions) -%}
  {%- set columns = [] -%}
  {%- for name, expression in expressions.items() -%}{%- do columns.append('(' ~ expression ~ ') as ' ~ name) -%}{%- endfor -%}
  (select * from (select {{ columns | join(', ') }} from {{ relation }} as judged_rows) as judged_columns where label is not null) as judged
{%- endmacro %}

{#- The rows whose truth is known, with their probability and 1 where it is true. A comparison is no value on every engine, so the truth stands in
    conditions only. -#}
{% macro _judged_probabilities(relation, probability, truth) -%}
  (select * from (
     select cast({{ probability }} as {{ dbt.type_float() }}) as probability, case when {{ truth }} then 1 when not ({{ truth }}) then 0 end as positive
     from {{ relation }} as judged_rows) as judged_columns
   where positive is not null) as judged
{%- endmacro %}

{% macro _require_judged(macro, relation, expressions) -%}
  {%- for argument, expression in expressions.items() -%}{%- do dbt_ai._require_expression(macro, argument, expression) -%}{%- endfor -%}
  {%- if relation is not string -%}{%- do dbt_ai._require_stored(relation) -%}{%- endif -%}
{%- endmacro %}

{#- A share, NULL of nothing. -#}
{% macro _rate(part, whole) -%}
  {{ return('1.0 * (' ~ part ~ ') / nullif(' ~ whole ~ ', 0)') }}
{%- endmacro %}

{% macro _decimal(number) -%}
  {{ return('%.6f' | format(number)) }}
{%- endmacro %}
