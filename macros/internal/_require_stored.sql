{#- A test never pays: refuse to read a view whose AI calls would be made by reading it. -#}
{% macro _require_stored(relation) -%}
  {%- if execute -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.alias == relation.identifier and node.schema == relation.schema -%}
      {%- for macro in node.depends_on.macros if macro.startswith('macro.dbt_ai.ai_') and node.config.materialized in ['view', 'ephemeral'] -%}
        {% do exceptions.raise_compiler_error(node.unique_id ~ ' is a ' ~ node.config.materialized ~ ' with AI calls, and a test must not pay for them: materialize it as ai_table, or test the table that is made from it') %}
      {%- endfor -%}
    {%- endfor -%}
  {%- endif -%}
{%- endmacro %}

{% macro _require_rate(test, argument, rate) -%}
  {%- if rate is not number or rate < 0 or rate > 1 -%}
    {% do exceptions.raise_compiler_error(test ~ ': ' ~ argument ~ ' ' ~ rate ~ ' is not a rate; give a number from 0 to 1') %}
  {%- endif -%}
{%- endmacro %}
