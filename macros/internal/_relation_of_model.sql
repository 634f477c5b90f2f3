{#- Where the object of an external model lives that is given by its name: in the schema of the target, but for a model file's own. -#}
{% macro _relation_of_model(name) %}
  {%- if model is defined and model.resource_type == 'model' and this.identifier == name -%}
    {{ return(this) }}
  {%- endif -%}
  {{ return(api.Relation.create(database=target.database, schema=target.schema, identifier=name)) }}
{% endmacro %}
