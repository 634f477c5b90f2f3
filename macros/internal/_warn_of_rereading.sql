{#- AI024: reading a view, or a model that is pasted into its readers, makes its AI calls again. Only a warning: it may be meant. What `dbt show --inline` runs is read once. -#}
{% macro _warn_of_rereading() %}
  {%- if execute and model is defined and model.config is defined and model.resource_type == 'model' and model.config.materialized in ('view', 'ephemeral') -%}
    {%- do adapter.dispatch('_warn_of_rereading', 'dbt_ai')() -%}
  {%- endif -%}
{% endmacro %}

{% macro default___warn_of_rereading() %}
  {% do exceptions.warn('AI024: ' ~ model.unique_id ~ ' has AI calls and is materialized as ' ~ model.config.materialized ~ ': ' ~ target.type
       ~ " makes and bills them again whenever it is read; use materialized='ai_table'") %}
{% endmacro %}
