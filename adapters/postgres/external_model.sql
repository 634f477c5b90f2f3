{#- AlloyDB registers the model in the database; for the other extensions the view that describes it is all there is. -#}
{% materialization external_model, adapter='postgres' %}
  {%- if var('dbt_ai_postgres_provider', none) == 'alloydb' -%}
    {{ return(dbt_ai._create_external_model_object()) }}
  {%- endif -%}
  {{ return(dbt_ai.materialization_external_model_default()) }}
{% endmaterialization %}
