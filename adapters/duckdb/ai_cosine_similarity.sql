{# DuckDB answers NaN for a vector of zeros where Spark and Databricks answer NULL. The casts take FLOAT[n], FLOAT[] and literals (decimals) alike.
   A NULL array of fixed size has NULL elements once it is a list, which DuckDB refuses; [:] makes it a NULL list. #}
{% macro duckdb__ai_cosine_similarity(left, right) -%}
  nullif(list_cosine_similarity(cast({{ left }} as float[])[:], cast({{ right }} as float[])[:]), 'nan'::float)
{%- endmacro %}
