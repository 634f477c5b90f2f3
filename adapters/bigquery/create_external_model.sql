{#- A remote model over the default connection. The scalar functions name their endpoint themselves; this is what
    AI.GENERATE_TEXT, AI.GENERATE_EMBEDDING and grants on the dataset work with. -#}
{% macro bigquery__create_external_model(external_model) -%}
  create or replace model {{ this }} remote with connection DEFAULT options(ENDPOINT = {{ dbt_ai._string_literal(dbt_ai._native_model(external_model, 'bigquery')) }})
{%- endmacro %}
