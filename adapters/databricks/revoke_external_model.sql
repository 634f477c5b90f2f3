{% macro databricks__revoke_external_model(name, grantees, privilege) %}
  {%- if name is none -%}
    {{ return(dbt_ai._unsupported('revoke_external_model without a model', 'AI027', 'the database knows no privilege on all external models: name one')) }}
  {%- endif -%}
  {%- for grantee in grantees -%}
    {% do run_query('revoke execute on function ' ~ dbt_ai._relation_of_model(name) ~ ' from ' ~ adapter.quote(grantee)) %}
  {%- endfor -%}
{% endmacro %}
