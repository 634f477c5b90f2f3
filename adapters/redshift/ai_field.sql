{% macro redshift__ai_field(answer, path, type) -%}
  {{ dbt_ai._unsupported('ai_field', 'AI018', 'answers are text on Redshift: ask for JSON in the prompt and read it with json_parse') }}
{%- endmacro %}
