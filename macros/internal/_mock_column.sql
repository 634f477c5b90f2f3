{#- A test of answers selects this column and has `_unless_mock` as its error_if: where the answers were made up it warns instead of failing. -#}
{% macro _mock_column(test, relation) -%}
  {%- set mock = dbt_ai._holds_mock_answers(relation) -%}
  {%- if mock -%}
    {% do exceptions.warn(test ~ ': ' ~ relation ~ ' holds mock answers, so this test warns at most; run it on real ones') %}
  {%- endif -%}
  {{ 1 if mock else 0 }} as mock_answers
{%- endmacro %}

{% macro _unless_mock() -%}
  {{ return('!= 0 and max(mock_answers) = 0') }}
{%- endmacro %}
