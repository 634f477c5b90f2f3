{# pgvector answers NaN for a vector of zeros. #}
{% macro postgres__ai_cosine_distance(left, right) -%}
  nullif(cast({{ left }} as vector) <=> cast({{ right }} as vector), 'NaN')
{%- endmacro %}
