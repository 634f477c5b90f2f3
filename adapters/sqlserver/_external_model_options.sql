{#- The option list of CREATE … WITH (…) and ALTER … SET (…), of the fields that are given. -#}
{% macro _sqlserver_external_model_options(fields) -%}
  {%- set options = [] -%}
  {%- for field in ['location', 'api_format', 'model_type', 'model', 'credential', 'parameters', 'local_runtime_path'] if fields.get(field) -%}
    {%- if field == 'model_type' -%}
      {%- set value = fields.model_type | upper -%}
    {%- elif field == 'credential' -%}
      {%- set value = dbt_ai._sqlserver_name(fields.credential) -%}
    {%- else -%}
      {%- set value = dbt_ai._string_literal(tojson(fields.parameters) if field == 'parameters' else fields[field]) -%}
    {%- endif -%}
    {%- do options.append((field | upper) ~ ' = ' ~ value) -%}
  {%- endfor -%}
  {{- options | join(',\n    ') -}}
{%- endmacro %}
