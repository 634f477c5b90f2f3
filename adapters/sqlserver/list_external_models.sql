{% macro sqlserver__list_external_models() %}
  {%- set models = [] -%}
  {%- for row in run_query(dbt_ai._sqlserver_external_models()).rows -%}
    {%- do models.append(row.dict()) -%}
  {%- endfor -%}
  {{ return(models | sort(attribute='name')) }}
{% endmacro %}

{#- Those that the user may see: owned, or with a permission on them. -#}
{% macro _sqlserver_external_models() -%}
SELECT m.*, c.name AS credential, p.name AS owner
FROM sys.external_models AS m
LEFT JOIN sys.database_scoped_credentials AS c ON c.credential_id = m.credential_id
LEFT JOIN sys.database_principals AS p ON p.principal_id = m.principal_id
{%- endmacro %}
