{% macro fabric__ai_field(answer, path, type) -%}
  {{ dbt_ai._unsupported('ai_field', 'AI017', 'answers are text on Fabric Warehouse: ask for JSON in the prompt and read it with json_value') }}
{%- endmacro %}
