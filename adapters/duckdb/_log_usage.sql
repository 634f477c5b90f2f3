{% macro duckdb___log_usage() %}
  {%- if dbt_ai._duckdb_looks_up() -%}
    {{ return(dbt_ai.default___log_usage()) }}
  {%- endif -%}
  {%- for plugin in target.plugins or [] if plugin.module == 'dbt_ai' and not target.remote -%}
    {%- set usage = run_query("select dbt_ai_summary(" ~ dbt_ai._string_literal(invocation_id) ~ ")").columns[0][0] -%}
    {%- if usage -%}{%- do log(usage, info=true) -%}{%- endif -%}
  {%- endfor -%}
{% endmacro %}
