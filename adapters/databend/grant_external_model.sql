{% macro databend__grant_external_model(name, grantees, privilege) %}
  {%- if name is none -%}
    {{ return(dbt_ai._unsupported('grant_external_model without a model', 'AI027', 'the database knows no privilege on all external models: name one')) }}
  {%- endif -%}
  {%- for grantee in grantees -%}
    {%- for function in [name, name ~ '__call'] -%}
      {% do run_query('grant usage on udf ' ~ function ~ ' to role ' ~ grantee) %}
    {%- endfor -%}
  {%- endfor -%}
{% endmacro %}
