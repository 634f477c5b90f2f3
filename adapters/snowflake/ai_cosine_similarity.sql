{% macro snowflake__ai_cosine_similarity(left, right) -%}
  nullif(VECTOR_COSINE_SIMILARITY({{ left }}, {{ right }}), 'NaN'::FLOAT)
{%- endmacro %}
