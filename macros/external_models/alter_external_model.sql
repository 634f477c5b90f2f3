{#- Change some fields of an external model, in a hook or a run-operation. A model that has a file is altered in its file: what is altered
    beside it holds until the file runs again. -#}
{% macro alter_external_model(
     name, location=none, api_format=none, model_type=none, model=none, credential=none, parameters=none, identity=none,
     local_runtime_path=none) -%}
  {%- do dbt_ai._require_no_secret('location', location) -%}
  {%- do dbt_ai._require_no_secret('credential', credential) -%}
  {%- set given = {'location': location, 'api_format': api_format, 'model_type': model_type, 'model': model, 'credential': credential,
        'parameters': dbt_ai._model_parameters(parameters) if parameters is not none else none, 'identity': identity,
        'local_runtime_path': local_runtime_path} -%}
  {%- set changes = {} -%}
  {%- for field, value in given.items() if value is not none -%}
    {%- do changes.update({field: value}) -%}
  {%- endfor -%}
  {%- if not changes -%}
    {% do exceptions.raise_compiler_error("alter_external_model '" ~ name ~ "': nothing to alter; give one of " ~ given.keys() | join(', ')) %}
  {%- endif -%}
  {%- if execute -%}
    {%- do adapter.dispatch('alter_external_model', 'dbt_ai')(dbt_ai._model_name(name), changes) -%}
  {%- endif -%}
{%- endmacro %}

{% macro default__alter_external_model(name, changes) %}
  {% do dbt_ai._unsupported('alter_external_model', 'AI027', 'change the model file of the external model and run it') %}
{% endmacro %}
