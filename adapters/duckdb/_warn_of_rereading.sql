{#- Answers are stored, and a model that reads an ephemeral one collects its calls. -#}
{% macro duckdb___warn_of_rereading() %}
  {%- if model.config.materialized == 'view' and not dbt_ai._duckdb_looks_up() -%}
    {% do exceptions.warn('AI024: ' ~ model.unique_id ~ ' is a view with AI calls: whoever reads it makes the calls that are not stored yet, and outside dbt'
         ~ " it cannot be read, because its functions live in dbt's process; use materialized='ai_table'") %}
  {%- endif -%}
{% endmacro %}
