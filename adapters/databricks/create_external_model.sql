{#- No SQL creates a serving endpoint: the model's name becomes a function over the endpoint, which EXECUTE can be granted on. -#}
{% macro databricks__create_external_model(external_model) -%}
  {%- set call = 'ai_query(' ~ dbt_ai._string_literal(dbt_ai._databricks_endpoint(external_model)) ~ ', ' -%}
  create or replace function {{ this }}
  {%- if external_model.model_type == 'EMBEDDINGS' %} (text STRING) returns ARRAY<FLOAT> return CAST({{ call }}text) AS ARRAY<FLOAT>)
  {%- else %} (request STRING) returns STRING return {{ call }}request
    {%- if external_model.parameters %}, modelParameters => {{ dbt_ai._databricks_parameters(external_model.parameters) }}{% endif %})
  {%- endif -%}
{%- endmacro %}
