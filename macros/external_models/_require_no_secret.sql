{#- Refuse a URL that carries a secret, before dbt notes the URL in artefacts and SQL. Python refuses the same again where a
    specification reaches it another way (dbt_ai/external_model.py); tests/cases/locations.yml holds for both. -#}
{% macro _require_no_secret(field, url) %}
  {%- if url is string -%}
    {%- if '@' in url.partition('://')[2].partition('/')[0].partition('?')[0] -%}
      {% do exceptions.raise_compiler_error('external model: ' ~ field ~ ' has user information before the host (@), where a secret would be seen; use a credential') %}
    {%- endif -%}
    {%- for part in url.partition('?')[2].partition('#')[0].split('&') -%}
      {%- set name = dbt_ai._url_decoded(part.partition('=')[0]) -%}
      {%- if name | lower | replace('-', '') | replace('_', '') in dbt_ai._secret_names() + ['key', 'code', 'sig', 'signature', 'token', 'auth'] -%}
        {% do exceptions.raise_compiler_error('external model: ' ~ field ~ " has '" ~ name ~ "' in its query, where a secret would be seen; use a credential") %}
      {%- endif -%}
    {%- endfor -%}
  {%- endif -%}
{% endmacro %}

{#- ASCII alone: the names that are looked for are. -#}
{% macro _url_decoded(text) %}
  {%- set pieces = text.split('%') -%}
  {%- set decoded = [pieces[0]] -%}
  {%- for piece in pieces[1:] -%}
    {%- do decoded.append('%c' % (piece[:2] | int(0, 16)) ~ piece[2:] if modules.re.match('[0-7][0-9A-Fa-f]', piece) else '%' ~ piece) -%}
  {%- endfor -%}
  {{ return(decoded | join) }}
{% endmacro %}
