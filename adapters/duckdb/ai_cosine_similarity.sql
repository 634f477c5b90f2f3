{# DuckDB answers NaN for a vector of zeros where Spark and Databricks answer NULL. The casts take FLOAT[n], FLOAT[] and literals (decimals) alike. #}
{% macro duckdb__ai_cosine_similarity(left, right) -%}
  nullif(list_cosine_similarity(cast({{ left }} as float[]), cast({{ right }} as float[])), 'nan'::float)
{%- endmacro %}
