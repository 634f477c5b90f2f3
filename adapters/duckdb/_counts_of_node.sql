{% macro duckdb___counts_of_node() %}
  {%- if dbt_ai._duckdb_looks_up() -%}
    {{ return(dbt_ai.default___counts_of_node()) }}
  {%- endif -%}
  {{ return(fromjson(run_query("select dbt_ai_counts(" ~ dbt_ai._string_literal(model.unique_id) ~ ")").columns[0][0])) }}
{% endmacro %}
