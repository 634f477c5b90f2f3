{#- Redshift ML's statement of the same name: a Bedrock model and the function that calls it. -#}
{% macro redshift__create_external_model(external_model) -%}
  {%- if external_model.model_type != 'CHAT' -%}
    {{ dbt_ai._unsupported('create_external_model with model_type ' ~ external_model.model_type, 'AI018', 'Redshift calls chat models of Bedrock only: embed on DuckDB') }}
  {%- endif -%}
  create external model {{ external_model.identifier }}_model function {{ external_model.identifier }}
  iam_role {{ var('dbt_ai_redshift_iam_role', none) and dbt_ai._string_literal(var('dbt_ai_redshift_iam_role')) or 'default' }} model_type bedrock
  settings (model_id {{ dbt_ai._string_literal(dbt_ai._native_model(external_model, 'redshift')) }})
{%- endmacro %}
