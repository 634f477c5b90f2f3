{#- CREATE EXTERNAL MODEL takes no OR REPLACE, so that a second run would fail. -#}
{% materialization external_model, adapter='redshift' %}
  {% do dbt_ai.redshift__drop_external_model(this.identifier) %}
  {{ return(dbt_ai._create_external_model_object()) }}
{% endmaterialization %}
