{% macro databend__revoke_external_model(name, grantees, privilege) %}
  {%- if name is none -%}
    {{ return(dbt_ai._unsupported('revoke_external_model without a model', 'AI027', 'the database knows no privilege on all external models: name one')) }}
  {%- endif -%}
  {%- for grantee in grantees -%}
    {%- for function in [name, name ~ '__call'] -%}
      {% do run_query('revoke usage on udf ' ~ function ~ ' from role ' ~ grantee) %}
    {%- endfor -%}
  {%- endfor -%}
{% endmacro %}
