{#- What the model argument of an AI call stands for: a mapping with name, identifier, the specification that create_external_model wrote,
    literal = true for a string, which names an endpoint of the warehouse itself, and looked_up, the way of a call of `function`. -#}
{% macro _external_model(relation, model_type, function) %}
  {%- do dbt_ai._require_known_meta() -%}
  {%- set external_model = dbt_ai._named_model(relation, model_type) -%}
  {%- do external_model.update({'looked_up': execute and dbt_ai._is_looked_up(function, external_model)}) -%}
  {%- if not external_model.looked_up and function != 'ai_chunk' -%}{%- do dbt_ai._warn_of_rereading() -%}{%- endif -%}  {#- which counts tokens and asks nothing -#}
  {{ return(external_model) }}
{% endmacro %}

{% macro _named_model(relation, model_type) %}
  {%- if relation is string -%}
    {{ return(adapter.dispatch('_model_of_string', 'dbt_ai')(relation, model_type)) }}
  {%- endif -%}
  {%- if not execute -%}
    {#- While parsing, ref() returns the relation of the node that calls it. -#}
    {{ return({'name': 'external_model', 'identifier': 'external_model', 'literal': false, 'model_type': model_type, 'native': {}}) }}
  {%- endif -%}
  {%- if relation.identifier is not defined -%}
    {% do exceptions.raise_compiler_error("the external model is given as " ~ relation ~ "; give ref('…') of a model that calls create_external_model, or the name of a native endpoint as a string") %}
  {%- endif -%}
  {%- set name = relation.identifier | replace('__dbt__cte__', '') -%}
  {%- if dbt_ai._in_unit_test() -%}
    {{ return(dbt_ai._mock_model(name, model_type)) }}
  {%- endif -%}
  {%- set found = dbt_ai._find_external_model(relation, name) -%}
  {%- if not found -%}
    {% do exceptions.raise_compiler_error("'" ~ name ~ "' is not an external model: its file must call dbt_ai.create_external_model(…)") %}
  {%- endif -%}
  {%- do dbt_ai._require_external_model(found) -%}
  {%- do dbt_ai._require_own_identity(found) -%}
  {%- set specification = dict(found.config.meta.dbt_ai) -%}
  {%- do specification.update({'name': found.name, 'identifier': relation.identifier, 'literal': false}) -%}
  {{ return(specification) }}
{% endmacro %}

{#- What a string stands for: an endpoint of the warehouse itself. -#}
{% macro default___model_of_string(name, model_type) %}
  {{ return({'name': name, 'identifier': name, 'literal': true, 'model_type': model_type, 'native': {}}) }}
{% endmacro %}

{#- By its place, which under --defer may be the production one; else by name, a model of the reader's own package before its namesakes. -#}
{% macro _find_external_model(relation, name) %}
  {%- set namesakes = [] -%}
  {%- for node in graph.nodes.values() if node.resource_type == 'model' and name in (node.alias, node.name) and (node.config.meta.dbt_ai or {}).api_format is defined -%}
    {%- do namesakes.append(node) -%}
  {%- endfor -%}
  {%- for node in namesakes -%}
    {%- for place in [node, node.defer_relation] if place and place.schema == relation.schema and place.database == relation.database -%}
      {{ return(node) }}
    {%- endfor -%}
  {%- endfor -%}
  {%- for node in namesakes if node.schema == relation.schema or node.package_name == model.package_name -%}
    {{ return(node) }}
  {%- endfor -%}
  {{ return(namesakes[0] if namesakes else none) }}
{% endmacro %}

{#- What dbt_project.yml of the project says wins over the files of the packages that it installs. -#}
{% macro _require_external_model(node) %}
  {%- if node.config.materialized != 'external_model' -%}
    {% do exceptions.raise_compiler_error("external model '" ~ node.name ~ "' (" ~ node.original_file_path ~ "): materialized '" ~ node.config.materialized
        ~ "' comes from dbt_project.yml or a properties file; an external model is materialized as 'external_model': set `" ~ node.name
        ~ ": {+materialized: external_model}` below `models: " ~ node.package_name ~ ":` in dbt_project.yml, or narrow what sets it") %}
  {%- endif -%}
{% endmacro %}

{% macro _in_unit_test() %}
  {{ return(model is defined and model.resource_type == 'unit_test') }}
{% endmacro %}

{#- The graph is empty in dbt unit tests, which must not call anything anyway. -#}
{% macro _mock_model(name, model_type) %}
  {{ return({'name': name, 'identifier': name, 'literal': false, 'location': 'mock:', 'api_format': 'Mock',
             'model_type': model_type, 'model': name, 'parameters': {}, 'native': {}}) }}
{% endmacro %}
