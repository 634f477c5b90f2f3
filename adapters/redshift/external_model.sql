{% materialization external_model, adapter='redshift' %}
  {{ return(dbt_ai._create_external_model_object()) }}
{% endmaterialization %}
