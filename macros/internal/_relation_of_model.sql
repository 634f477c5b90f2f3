{#- Where the object of an external model lives that is given by its name: in the schema of the target. -#}
{% macro _relation_of_model(name) %}
  {{ return(api.Relation.create(database=target.database, schema=target.schema, identifier=name)) }}
{% endmacro %}
