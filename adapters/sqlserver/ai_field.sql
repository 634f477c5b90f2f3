{% macro sqlserver__ai_field(answer, path, type) -%}
  {{ dbt_ai._unsupported('ai_field', 'AI016', 'there are no answers on SQL Server: run ai_query on DuckDB and load its table') }}
{%- endmacro %}
