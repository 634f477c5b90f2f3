{% materialization external_model, adapter='bigquery' %}
  {{ return(dbt_ai._create_external_model_object()) }}
{% endmaterialization %}
