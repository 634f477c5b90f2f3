{% macro snowflake__grant_external_model(name, grantees, privilege) %}
  {%- if name is none -%}
    {{ return(dbt_ai._unsupported('grant_external_model without a model', 'AI027', 'the database knows no privilege on all external models: name one')) }}
  {%- endif -%}
  {%- for grantee in grantees -%}
    {% do run_query('grant usage on function ' ~ dbt_ai._relation_of_model(name) ~ '(VARCHAR) to role ' ~ adapter.quote(grantee)) %}
  {%- endfor -%}
{% endmacro %}
