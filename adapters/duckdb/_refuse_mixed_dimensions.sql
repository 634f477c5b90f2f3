{#- A column keeps vectors of one length. DuckDB sees to it where the column is FLOAT[384]; one whose model did not say how long its
    vectors are is FLOAT[], and takes any. After the plan, so that looking at a vector asks nothing. -#}
{% macro _duckdb_refuse_mixed_dimensions(sql) %}
  {%- set there = {} -%}
  {%- for column in adapter.get_columns_in_relation(this) if column.dtype.startswith('FLOAT[') -%}
    {%- do there.update({column.name | lower: column.dtype}) -%}
  {%- endfor -%}
  {%- if there -%}
    {%- for row in run_query('describe select * from (\n' ~ sql ~ '\n)').rows if row[1].startswith('FLOAT[') and row[0] | lower in there -%}
      {%- set old = dbt_ai._duckdb_length_of(row[0], there[row[0] | lower], this | string) -%}
      {%- set new = dbt_ai._duckdb_length_of(row[0], row[1], '(\n' ~ sql ~ '\n)') -%}
      {%- if old and new and old != new -%}
        {% do exceptions.raise_compiler_error(
          'column ' ~ row[0] ~ ' of ' ~ this ~ ' has vectors of ' ~ old ~ ' dimensions, and this run would add vectors of ' ~ new
          ~ '; keep the external model as it was, or run with --full-refresh: answers that are stored are not asked again') %}
      {%- endif -%}
    {%- endfor -%}
  {%- endif -%}
{% endmacro %}

{#- From the type FLOAT[384], else from the first vector that is there. -#}
{% macro _duckdb_length_of(column, type, relation) %}
  {%- set length = type[6:-1] -%}
  {%- if not length -%}
    {%- set quoted = adapter.quote(column) -%}
    {%- set rows = run_query('select len(' ~ quoted ~ ') from ' ~ relation ~ ' where ' ~ quoted ~ ' is not null limit 1').rows -%}
    {%- set length = rows[0][0] if rows else 0 -%}
  {%- endif -%}
  {{ return(length | int) }}
{% endmacro %}
