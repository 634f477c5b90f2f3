{#- What SQL Server would refuse, said while dbt compiles; what its own documentation does although a rule forbids it is a warning. -#}
{% macro _sqlserver_check_external_model(external_model) %}
  {%- set who = "external model '" ~ external_model.name ~ "': " -%}
  {%- set formats = ['Azure OpenAI', 'OpenAI', 'Ollama', 'ONNX Runtime'] -%}
  {%- if external_model.model_type and external_model.model_type | upper != 'EMBEDDINGS' -%}
    {% do dbt_ai._unsupported(who ~ 'model_type ' ~ external_model.model_type, 'AI016', 'external models of SQL Server are of model_type EMBEDDINGS only: run chat models on DuckDB, Spark or Databend') %}
  {%- endif -%}
  {%- if external_model.api_format and external_model.api_format not in formats -%}
    {% do exceptions.raise_compiler_error(who ~ "api_format '" ~ external_model.api_format ~ "' is not known to SQL Server; use one of " ~ formats | join(', ')) %}
  {%- endif -%}
  {%- if external_model.local_runtime_path and external_model.api_format and external_model.api_format != 'ONNX Runtime' -%}
    {% do exceptions.raise_compiler_error(who ~ "local_runtime_path '" ~ external_model.local_runtime_path ~ "' belongs to api_format 'ONNX Runtime' only; leave it out") %}
  {%- endif -%}
  {%- if external_model.location and external_model.api_format != 'ONNX Runtime' and not external_model.location.lower().startswith('https://') -%}
    {% do exceptions.raise_compiler_error(who ~ "location '" ~ external_model.location ~ "' is not reached by SQL Server, which calls https endpoints only; give a URL that starts with https://") %}
  {%- endif -%}
  {%- if execute and external_model.credential and external_model.location -%}
    {%- set broken = dbt_ai._sqlserver_broken_credential_rule(external_model.credential, external_model.location) -%}
    {%- if broken -%}
      {%- do exceptions.warn(who ~ "credential '" ~ external_model.credential ~ "' breaks " ~ broken ~ "; SQL Server may not send its secret to " ~ external_model.location) -%}
    {%- endif -%}
  {%- endif -%}
{% endmacro %}

{#- The rules for the name of a credential that an external model uses; dbt_ai/credentials.py enforces them on our runtime.
    https://learn.microsoft.com/sql/t-sql/statements/create-external-model-transact-sql#remarks -#}
{% macro _sqlserver_broken_credential_rule(credential, location) %}
  {%- set name = modules.re.fullmatch('(?i)(https?)://([^/?#@\\s]+)([^?#]*)([?#].*)?', credential) -%}
  {%- set called = modules.re.fullmatch('(?i)(https?)://([^/?#@\\s]+)([^?#]*)([?#].*)?', location) -%}
  {%- if not name or not called -%}
    {{ return('rule 1 (the name of a credential is a URL)') }}
  {%- elif name.group(4) -%}
    {{ return('rule 3 (no query in the name of a credential)') }}
  {%- elif name.group(1).lower() != called.group(1).lower() or name.group(2).lower() != called.group(2).lower() -%}
    {{ return('rule 4 (same protocol and host as the location)') }}
  {%- endif -%}
  {%- set parts = name.group(3).split('/')[1:] if name.group(3) != '/' else [] -%}
  {%- set called_parts = called.group(3).split('/')[1:] -%}
  {%- if parts != called_parts[:parts | length] -%}
    {{ return('rule 6 (a path as general as that of the location, or more)' if called_parts == parts[:called_parts | length] else 'rule 5 (each part of its path is that of the location)') }}
  {%- endif -%}
  {{ return(none) }}
{% endmacro %}
