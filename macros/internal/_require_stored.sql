{#- Refuse a test of a relation that calls a model when it is read: a view or ephemeral model with AI calls, or one that reads such a view. -#}
{% macro _require_stored(relation) -%}
  {%- if execute -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.alias == relation.identifier and node.schema == relation.schema -%}
      {%- set calling = dbt_ai._calling_when_read(node) -%}
      {%- if calling -%}
        {% do exceptions.raise_compiler_error(
          (calling ~ ' is a view with AI calls' if calling == node.unique_id else node.unique_id ~ ' reads ' ~ calling ~ ', a view with AI calls')
          ~ ', and a test must not pay for them: materialize it as ai_table, or test the table that is made from it') %}
      {%- endif -%}
    {%- endfor -%}
  {%- endif -%}
{%- endmacro %}

{#- The unique_id of the model whose AI calls are made when this one is read, or none. -#}
{% macro _calling_when_read(node) -%}
  {%- if node.resource_type != 'model' or node.config.materialized not in ['view', 'ephemeral'] -%}
    {{ return(none) }}
  {%- endif -%}
  {%- if dbt_ai._asks(node) -%}{{ return(node.unique_id) }}{%- endif -%}
  {%- for parent in node.depends_on.nodes if parent in graph.nodes -%}
    {%- set calling = dbt_ai._calling_when_read(graph.nodes[parent]) -%}
    {%- if calling -%}{{ return(calling) }}{%- endif -%}
  {%- endfor -%}
  {{ return(none) }}
{%- endmacro %}

{% macro _require_rate(test, argument, rate) -%}
  {%- if rate is not number or rate is boolean or not 0 <= rate <= 1 -%}
    {% do exceptions.raise_compiler_error(test ~ ': ' ~ argument ~ ' ' ~ rate ~ ' is not a rate; give a number from 0 to 1') %}
  {%- endif -%}
{%- endmacro %}
