{#- The body of a model file that is an external model: a node of the DAG that every model using it depends on. -#}
{% macro create_external_model(
     location, api_format, model_type, model, credential=none, parameters={}, native={}, identity=none,
     authorization=none, local_runtime_path=none) -%}
  {%- set specification = {
        'location': location, 'api_format': api_format, 'model_type': model_type, 'model': model, 'credential': credential,
        'parameters': parameters, 'native': native, 'identity': identity,
        'authorization': authorization, 'local_runtime_path': local_runtime_path} -%}
  {{- config(materialized='external_model', meta={'dbt_ai': specification}) -}}
  {{- return(adapter.dispatch('create_external_model', 'dbt_ai')(dict(specification, name=this.identifier, identifier=this.identifier))) -}}
{%- endmacro %}

{#- One row that describes the model: visible in docs, catalog and clone, and changed when the specification changes. -#}
{% macro default__create_external_model(external_model) -%}
select
{%- for column in ['name', 'location', 'api_format', 'model_type', 'model', 'credential', 'identity'] %}
  {{ dbt_ai._string_literal(external_model[column]) if external_model[column] is not none else 'cast(null as ' ~ dbt.type_string() ~ ')' }} as {{ column }},
{%- endfor %}
  {{ dbt_ai._string_literal(tojson(external_model.parameters)) }} as parameters
{%- endmacro %}
