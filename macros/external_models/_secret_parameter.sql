{#- The name of a text that names a secret, however deep it stands; empty without one. Parameters are in SQL, logs and artefacts. -#}
{% macro _secret_parameter(value) %}
  {%- if value is mapping -%}
    {%- for name, inner in value.items() -%}
      {%- set bare = name | string | lower | replace('-', '') | replace('_', '') -%}
      {%- if inner is string and inner and bare in dbt_ai._secret_names() -%}
        {{ return(name | string) }}
      {%- endif -%}
    {%- endfor -%}
  {%- endif -%}
  {%- for inner in (value.values() if value is mapping else value) if inner is mapping or (inner is iterable and inner is not string) -%}
    {%- set found = dbt_ai._secret_parameter(inner) -%}
    {%- if found -%}{{ return(found) }}{%- endif -%}
  {%- endfor -%}
  {{ return('') }}
{% endmacro %}
