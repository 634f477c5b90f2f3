{#- Fails for every answer that is none of the labels. NULL passes: nothing was asked. field: of a struct, such as response.
    multi_label: the answers are arrays of labels. -#}
{% test ai_accepted_labels(model, column_name, labels, field=none, multi_label=false) %}
{{- config(error_if=dbt_ai._unless_mock()) }}
{%- do dbt_ai._require_stored(model) %}
{%- do dbt_ai._require_names('ai_accepted_labels', 'labels', labels, 1, 10000) %}
{%- set answer = dbt_ai.ai_field(column_name, field, 'ARRAY<STRING>' if multi_label else 'STRING') if field else column_name %}
{%- set quoted = [] %}
{%- for label in labels %}{% do quoted.append(dbt_ai._string_literal(label)) %}{% endfor %}
select answer, count(*) as answers, {{ dbt_ai._mock_column('ai_accepted_labels', model) }}
from ({{ dbt_ai._elements(model, answer, 'answer') if multi_label else 'select ' ~ answer ~ ' as answer from ' ~ model }}) as answered
where answer is not null and answer not in ({{ quoted | join(', ') }})
group by answer
{% endtest %}

{#- A query of every element of an array column. -#}
{% macro _elements(relation, column, alias) -%}
  {{ return(adapter.dispatch('_elements', 'dbt_ai')(relation, column, alias)) }}
{%- endmacro %}

{% macro default___elements(relation, column, alias) -%}
  select unnest({{ column }}) as {{ alias }} from {{ relation }}
{%- endmacro %}
