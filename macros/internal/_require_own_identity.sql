{#- Stored answers belong to a model's identity and parameters. Two external models that have both in common would be answered with each
    other's answers, so one of them has to say with `identity` that this is meant, or that it is not. dbt_ai.external_model has the same rule
    in Python, for what reads the project without compiling it. node: of an external model, as the graph has it. -#}
{% macro _require_own_identity(node) %}
  {%- set specification = node.config.meta.dbt_ai -%}
  {%- set place = dbt_ai._place_in_identity(specification) -%}
  {%- for other in graph.nodes.values() if place and other.resource_type == 'model' and other.unique_id != node.unique_id
        and (other.config.meta.dbt_ai or {}).api_format == specification.api_format and other.config.meta.dbt_ai.model == specification.model
        and dbt_ai._place_in_identity(other.config.meta.dbt_ai) == place -%}
    {%- set rival = other.config.meta.dbt_ai -%}
    {%- if dbt_ai._parameters_in_key(rival) == dbt_ai._parameters_in_key(specification)
          or rival.location.partition('?')[2] != specification.location.partition('?')[2] -%}
      {% do exceptions.raise_compiler_error("external models '" ~ node.name ~ "' (" ~ node.original_file_path ~ ") and '" ~ other.name ~ "' ("
          ~ other.original_file_path ~ ') are one model to stored answers: ' ~ specification.api_format ~ ' ' ~ specification.model ~ ' at ' ~ place
          ~ "; give both the same identity='…' if they may share their answers, else give one of them an identity of its own") %}
    {%- endif -%}
  {%- endfor -%}
{% endmacro %}

{% macro _parameters_in_key(specification) -%}
  {%- set parameters = dict(specification.parameters or {}) -%}
  {%- do parameters.pop('sql_rest_options', none) -%}
  {{ return(tojson(parameters, sort_keys=true)) }}
{%- endmacro %}

{#- Host, port and path of an endpoint, which stand for it in the keys of its answers. None where they do not: `identity` stands there
    instead, and a local model is known by its weights. -#}
{% macro _place_in_identity(specification) -%}
  {%- set location = specification.location or '' -%}
  {%- if specification.identity or not modules.re.match('https?://', location, modules.re.IGNORECASE) -%}{{ return(none) }}{%- endif -%}
  {{ return(dbt_ai._place_of(location)) }}
{%- endmacro %}
