{#- Endpoints answer ARRAY<DOUBLE>; vector functions take ARRAY<FLOAT> and nothing else. -#}
{% macro databricks__ai_embed(external_model, text, parameters, fail_on_error) -%}
  {%- set arguments = [dbt_ai._string_literal(dbt_ai._databricks_endpoint(external_model)), text] -%}
  {%- set parameters = dbt_ai._native_parameters(external_model, parameters) -%}
  {%- if not fail_on_error -%}{%- do arguments.append('failOnError => false') -%}{%- endif -%}
  {%- if parameters -%}{%- do arguments.append('modelParameters => ' ~ dbt_ai._databricks_parameters(parameters)) -%}{%- endif -%}
  {%- set type = 'ARRAY<FLOAT>' if fail_on_error else 'STRUCT<response: ARRAY<FLOAT>, errorStatus: STRING>' -%}
  {{ return(dbt_ai._unless_null(text, 'CAST(ai_query(' ~ arguments | join(', ') ~ ') AS ' ~ type ~ ')')) }}
{%- endmacro %}
