{#- A value as the one text that stands for it in hashes, the same as dbt_ai.keys.canonical writes: not tojson, which dbt v2 writes differently. -#}
{% macro _canonical(value) %}
  {%- if value is string -%}{{ return((value | length) ~ ':' ~ value) }}
  {%- elif value is none -%}{{ return('null') }}
  {%- elif value is boolean -%}{{ return('true' if value else 'false') }}
  {%- elif value is number -%}{{ return(value | string) }}
  {%- endif -%}
  {%- set parts = [] -%}
  {%- if value is mapping -%}
    {%- set by_name = {} -%}
    {%- for name, inner in value.items() -%}{%- do by_name.update({name | string: inner}) -%}{%- endfor -%}
    {%- for name in by_name | sort(case_sensitive=true) -%}
      {%- do parts.append(dbt_ai._canonical(name) ~ dbt_ai._canonical(by_name[name]) ~ ',') -%}
    {%- endfor -%}
    {{ return('{' ~ parts | join ~ '}') }}
  {%- endif -%}
  {%- for item in value -%}{%- do parts.append(dbt_ai._canonical(item) ~ ',') -%}{%- endfor -%}
  {{ return('[' ~ parts | join ~ ']') }}
{% endmacro %}
