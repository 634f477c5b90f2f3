{#- T-SQL has no CREATE OR ALTER EXTERNAL MODEL: one batch creates the model, alters it where it differs, and else does nothing.
    https://learn.microsoft.com/sql/t-sql/statements/create-external-model-transact-sql -#}
{% macro sqlserver__create_external_model(external_model) -%}
  {%- do dbt_ai._sqlserver_check_external_model(external_model) -%}
  {%- set name = dbt_ai._sqlserver_name(external_model.name) -%}
  {%- set owner = external_model.authorization -%}
  {%- set options = dbt_ai._sqlserver_external_model_options(external_model) -%}
  {%- set create -%}
  CREATE EXTERNAL MODEL {{ name }}{{ ' AUTHORIZATION ' ~ dbt_ai._sqlserver_name(owner) if owner }}
  WITH (
    {{ options }}
  )
  {%- endset -%}
IF NOT EXISTS (SELECT 1 FROM sys.external_models WHERE name = {{ dbt_ai._string_literal(external_model.name) }})
  {{ create | trim }};
{%- if not external_model.credential %}
ELSE IF EXISTS (SELECT 1 FROM sys.external_models WHERE name = {{ dbt_ai._string_literal(external_model.name) }} AND credential_id IS NOT NULL)
{#- ALTER cannot take a credential away. #}
BEGIN
  DROP EXTERNAL MODEL {{ name }};
  {{ create | trim }};
END
{%- endif %}
ELSE IF NOT EXISTS (
  SELECT 1 FROM sys.external_models AS m
  LEFT JOIN sys.database_scoped_credentials AS c ON c.credential_id = m.credential_id
  WHERE m.name = {{ dbt_ai._string_literal(external_model.name) }}
    AND m.location = {{ dbt_ai._string_literal(external_model.location) }}
    AND m.api_format = {{ dbt_ai._string_literal(external_model.api_format) }}
    AND m.model = {{ dbt_ai._string_literal(external_model.model) }}
    AND ISNULL(c.name, N'') = {{ dbt_ai._string_literal(external_model.credential or '') }}
    AND ISNULL(CAST(m.parameters AS nvarchar(max)), N'{}') = {{ dbt_ai._string_literal(tojson(external_model.parameters)) }}
)
  ALTER EXTERNAL MODEL {{ name }}
  SET (
    {{ options if external_model.parameters else options ~ ",\n    PARAMETERS = N'{}'" }}
  );
{%- if owner %}
IF NOT EXISTS (
  SELECT 1 FROM sys.external_models
  WHERE name = {{ dbt_ai._string_literal(external_model.name) }} AND principal_id = DATABASE_PRINCIPAL_ID({{ dbt_ai._string_literal(owner) }})
)
  ALTER AUTHORIZATION ON EXTERNAL MODEL::{{ name }} TO {{ dbt_ai._sqlserver_name(owner) }};
{%- endif %}
{%- endmacro %}
