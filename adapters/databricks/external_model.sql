{% materialization external_model, adapter='databricks' %}
  {{ return(dbt_ai._create_external_model_object()) }}
{% endmaterialization %}
