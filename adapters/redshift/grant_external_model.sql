{#- To users: EXECUTE on the model, or without a model CREATE MODEL. https://docs.aws.amazon.com/redshift/latest/dg/r_GRANT.html -#}
{% macro redshift__grant_external_model(name, grantees, privilege) %}
  {%- for grantee in grantees -%}
    {% do run_query('grant ' ~ dbt_ai._redshift_privilege(name) ~ ' to ' ~ adapter.quote(grantee)) %}
  {%- endfor -%}
{% endmacro %}

{% macro _redshift_privilege(name) %}
  {{ return('execute on model ' ~ name ~ '_model' if name else 'create model') }}
{% endmacro %}
