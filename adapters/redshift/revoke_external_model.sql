{% macro redshift__revoke_external_model(name, grantees, privilege) %}
  {%- for grantee in grantees -%}
    {% do run_query('revoke ' ~ dbt_ai._redshift_privilege(name) ~ ' from ' ~ adapter.quote(grantee)) %}
  {%- endfor -%}
{% endmacro %}
