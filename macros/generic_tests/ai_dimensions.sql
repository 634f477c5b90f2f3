{#- Fails for every vector whose length is not `dimensions`. NULL passes. -#}
{% test ai_dimensions(model, column_name, dimensions) %}
{{- config(error_if=dbt_ai._unless_mock()) }}
{%- do dbt_ai._require_stored(model) %}
{%- set failing %}
select dimensions, count(*) as vectors, {{ dbt_ai._mock_column('ai_dimensions', model) }}
from (select {{ dbt_ai._vector_length(column_name) }} as dimensions from {{ model }} where {{ column_name }} is not null) as measured
where dimensions <> {{ dimensions }}
group by dimensions
{% endset %}
{%- for found, vectors, _ in dbt_ai._failing_rows(failing) -%}
  {%- do log('ai_dimensions: ' ~ (vectors | int) ~ ' vectors in ' ~ dbt_ai._parts_of(model)[-1] ~ '.' ~ column_name ~ ' have ' ~ (found | int) ~ ' dimensions, and dimensions is ' ~ dimensions, info=true) -%}
{%- endfor -%}
{{ failing }}
{% endtest %}

{% macro _vector_length(column) -%}
  {{ return(adapter.dispatch('_vector_length', 'dbt_ai')(column)) }}
{%- endmacro %}

{% macro default___vector_length(column) -%}
  cardinality({{ column }})
{%- endmacro %}
