{#- The plugin's functions answer here. Without the plugin, as on MotherDuck, whose servers cannot call them, answers are looked up. -#}
{% macro duckdb___is_looked_up(function, external_model) %}
  {%- if 'dbt_ai' in (target.plugins or []) | map(attribute='module') -%}{{ return(false) }}{%- endif -%}
  {{ return((target.path or '').startswith('md:') or var('dbt_ai', none) is not none) }}
{% endmacro %}

{% macro _duckdb_looks_up() %}
  {{ return(dbt_ai._is_looked_up('ai_query', {'literal': false})) }}
{% endmacro %}

{% macro duckdb___key(text) %}
  {{ return('unhex(sha256(' ~ text ~ '))') }}
{% endmacro %}

{% macro duckdb___stored_column(column) %}
  {{ return(column) }}
{% endmacro %}

{% macro duckdb___as_type(text, type) %}
  {%- set nested = type.kind in ('struct', 'array', 'map') or type.name == 'VARIANT' -%}
  {{ return('cast(' ~ ('cast(' ~ text ~ ' as JSON)' if nested else text) ~ ' as ' ~ dbt_ai._duckdb_type(type) ~ ')') }}
{% endmacro %}

{% macro _duckdb_type(type) %}
  {%- if type.kind == 'struct' -%}
    {%- set fields = [] -%}
    {%- for field in type.fields -%}{%- do fields.append('"' ~ field.name | replace('"', '""') ~ '" ' ~ dbt_ai._duckdb_type(field.type)) -%}{%- endfor -%}
    {{ return('STRUCT(' ~ fields | join(', ') ~ ')') }}
  {%- elif type.kind == 'array' -%}{{ return(dbt_ai._duckdb_type(type.element) ~ '[]') }}
  {%- elif type.kind == 'map' -%}{{ return('MAP(' ~ dbt_ai._duckdb_type(type.key) ~ ', ' ~ dbt_ai._duckdb_type(type.value) ~ ')') }}
  {%- elif type.kind == 'decimal' -%}{{ return('DECIMAL(' ~ type.precision ~ ',' ~ type.scale ~ ')') }}
  {%- elif type.kind == 'enum' -%}{{ return('VARCHAR') }}
  {%- endif -%}
  {{ return({'STRING': 'VARCHAR', 'INT': 'INTEGER', 'TIMESTAMP_NTZ': 'TIMESTAMP', 'VARIANT': 'JSON'}.get(type.name, type.name)) }}
{% endmacro %}

{% macro duckdb___as_vector(vector, dimensions) %}
  {{ return('cast(' ~ vector ~ ' as FLOAT[' ~ (dimensions or '') ~ '])') }}
{% endmacro %}

{% macro duckdb___with_error(value, error, type) %}
  {{ return('struct_pack(response := ' ~ value ~ ', "errorStatus" := ' ~ error ~ ')') }}
{% endmacro %}

{% macro duckdb___is_native(function, external_model) %}
  {{ return(true) }}
{% endmacro %}

{#- DuckDB decides it while it binds. -#}
{% macro duckdb___is_nested(expression) %}
  {{ return("regexp_matches(typeof" ~ expression ~ ", '^(STRUCT|TUPLE|MAP|UNION)|[]]$')") }}
{% endmacro %}

{% macro duckdb___json_of(expression) %}
  {{ return('cast(to_json(' ~ expression ~ ') as varchar)') }}
{% endmacro %}

{% macro duckdb___asks_in_json() %}
  {{ return(dbt_ai._duckdb_looks_up()) }}
{% endmacro %}

{% macro duckdb___hex_key(text) %}
  {{ return('sha256(' ~ text ~ ')') }}
{% endmacro %}
