{% macro sqlserver__grant_external_model(name, to, privilege) %}
  {%- do run_query(dbt_ai._sqlserver_permission('GRANT', name, 'TO', to, privilege)) -%}
{% endmacro %}

{#- On one model, or without a name on the database: GRANT CREATE EXTERNAL MODEL TO [engineer]; -#}
{% macro _sqlserver_permission(verb, name, preposition, principals, privilege) -%}
  {%- set known = ['EXECUTE', 'CONTROL', 'ALTER', 'VIEW DEFINITION', 'REFERENCES', 'TAKE OWNERSHIP'] if name else ['CREATE EXTERNAL MODEL', 'ALTER ANY EXTERNAL MODEL'] -%}
  {%- if privilege | upper not in known -%}
    {% do exceptions.raise_compiler_error("privilege '" ~ privilege ~ "' on " ~ ("external model '" ~ name ~ "'" if name else 'the database') ~ " is not known; use one of " ~ known | join(', ')) %}
  {%- endif -%}
  {%- set quoted = [] -%}
  {%- for principal in principals -%}
    {%- do quoted.append(dbt_ai._sqlserver_name(principal)) -%}
  {%- endfor -%}
{{ verb }} {{ privilege | upper }}{{ ' ON EXTERNAL MODEL::' ~ dbt_ai._sqlserver_name(name) if name }} {{ preposition }} {{ quoted | join(', ') }};
{%- endmacro %}
