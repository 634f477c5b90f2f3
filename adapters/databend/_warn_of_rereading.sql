{#- `dbt-ai serve` stores answers. -#}
{% macro databend___warn_of_rereading() %}
  {%- if model.config.materialized == 'view' -%}
    {% do exceptions.warn('AI024: ' ~ model.unique_id ~ ' is a view with AI calls: whoever reads it makes the calls that are not stored yet, and cannot'
         ~ " read it while `dbt-ai serve` is down; use materialized='ai_table'") %}
  {%- endif -%}
{% endmacro %}
