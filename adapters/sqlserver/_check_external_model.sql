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

{#- The rules for the name of a credential that an external model uses; dbt_ai.security.credentials enforces them on our runtime, and
    tests/cases/credential_rules.yml holds for both. Rule 2 is about the allow list, which SQL Server has and we cannot see.
    https://learn.microsoft.com/sql/t-sql/statements/create-external-model-transact-sql#remarks -#}
{% macro _sqlserver_broken_credential_rule(credential, location) %}
  {%- set name, called = dbt_ai._sqlserver_url(credential), dbt_ai._sqlserver_url(location) -%}
  {%- if not name -%}
    {{ return('rule 1 (the name of a credential is a URL)') }}
  {%- elif not called -%}
    {{ return(none) }}
  {%- elif name.query is not none -%}
    {{ return('rule 3 (no query in the name of a credential)') }}
  {%- elif name.origin != called.origin -%}
    {{ return('rule 4 (same protocol, host and port as the location)') }}
  {%- elif name.path != called.path[:name.path | length] -%}
    {{ return('rule 6 (a path as general as that of the location, or more)' if called.path == name.path[:called.path | length] else 'rule 5 (each part of its path is that of the location)') }}
  {%- endif -%}
  {{ return(none) }}
{% endmacro %}

{#- A URL in the parts that the rules compare, none where it is none or two readers could understand it differently: dbt_ai.security.urls. -#}
{% macro _sqlserver_url(text) %}
  {%- set found = modules.re.fullmatch("(?ia)(https?)://([a-z0-9_][a-z0-9._-]*|\\[[0-9a-f:.]+\\])(?::([1-9][0-9]{0,4}))?(/[a-z0-9._~!$&'()*+,;=:@/%-]*)?(?:\\?([a-z0-9._~!$&'()*+,;=:@/?%-]*))?", text) -%}
  {%- if not found or modules.re.search('(?i)%(?![0-9a-f]{2})|%(?:[01][0-9a-f]|7f|2e|2f|5c|25)', text) -%}{{ return(none) }}{%- endif -%}
  {%- set path = found.group(4).split('/')[1:] if found.group(4) not in [none, '/'] else [] -%}
  {%- for part in path if part.split(';')[0] in ['.', '..'] -%}{{ return(none) }}{%- endfor -%}
  {%- set scheme = found.group(1) | lower -%}
  {{ return({'origin': [scheme, found.group(2) | lower, found.group(3) or {'http': '80', 'https': '443'}[scheme]], 'path': path, 'query': found.group(5)}) }}
{% endmacro %}
