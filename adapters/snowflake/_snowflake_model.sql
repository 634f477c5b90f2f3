{% macro _snowflake_model(external_model) %}
  {{ return(dbt_ai._native_model(external_model, 'snowflake', 'AI007',
      "Cortex calls Snowflake's own models only, no location: add native={'snowflake': 'claude-sonnet-4-6'} or another Cortex model")) }}
{% endmacro %}

{#- A constant as Snowflake writes it: {'temperature': 0.2}. -#}
{% macro _snowflake_constant(value) %}
  {%- if value is mapping -%}
    {%- set fields = [] -%}
    {%- for name, inner in value.items() -%}{%- do fields.append(dbt_ai._string_literal(name) ~ ': ' ~ dbt_ai._snowflake_constant(inner)) -%}{%- endfor -%}
    {{ return('{' ~ fields | join(', ') ~ '}') }}
  {%- elif value is string -%}{{ return(dbt_ai._string_literal(value)) }}
  {%- elif value is boolean -%}{{ return('TRUE' if value else 'FALSE') }}
  {%- elif value is number -%}{{ return(value | string) }}
  {%- elif value is none -%}{{ return('NULL') }}
  {%- endif -%}
  {%- set elements = [] -%}
  {%- for element in value -%}{%- do elements.append(dbt_ai._snowflake_constant(element)) -%}{%- endfor -%}
  {{ return('[' ~ elements | join(', ') ~ ']') }}
{% endmacro %}
