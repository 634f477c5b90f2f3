{#- The two handlers of `dbt-ai serve`, in the form that old and new versions of Databend read: types without names, no HEADERS.
    Databend asks the server for their types, so it must be up. An embedding of a constant is computed once, while planning: it is
    IMMUTABLE. var dbt_ai_databend_immutable=false leaves that word out for versions before 1.2.775. -#}
{% macro databend__create_external_model(external_model) -%}
  {%- set address = dbt_ai._string_literal(var('dbt_ai_databend_address', 'http://127.0.0.1:8815')) -%}
  {%- set name = external_model.name -%}
  {%- set embeds = external_model.model_type == 'EMBEDDINGS' -%}
  {%- set immutable = 'IMMUTABLE ' if embeds and var('dbt_ai_databend_immutable', true) else '' -%}
  create or replace function {{ name }} (STRING) returns {{ 'ARRAY(FLOAT)' if embeds else 'STRING' }} language python {{ immutable }}handler = '{{ name }}' address = {{ address }};
  create or replace function {{ name }}__call (STRING, STRING) returns VARIANT language python {{ immutable }}handler = '{{ name }}__call' address = {{ address }}
{%- endmacro %}
