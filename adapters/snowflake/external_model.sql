{% materialization external_model, adapter='snowflake' %}
  {{ return(dbt_ai._create_external_model_object()) }}
{% endmaterialization %}
