{#- No answer is stored, but tables that hold some may be there: then all of them are paid again, as after a schema was renamed or dropped. -#}
{% macro _warn_of_emptied_store(nodes) %}
  {%- set there = [] -%}
  {%- for node in nodes if node.unique_id in selected_resources and node.config.materialized not in ('view', 'ephemeral', 'external_model') -%}
    {%- set relation = adapter.get_relation(node.database or target.database, node.schema, node.alias or node.name) -%}
    {%- if relation and not dbt_ai._holds_mock_answers(relation) -%}{%- do there.append(relation.identifier) -%}{%- endif -%}
  {%- endfor -%}
  {%- if there -%}
    {% do exceptions.warn('dbt_ai: no answer is stored, but ' ~ there[:5] | join(', ') ~ (' and more' if there | length > 5 else '')
         ~ ' of this run are built already: what they hold is asked and paid again. Stop the run if the answers are kept elsewhere (the settings `schema` and `store`,'
         ~ ' or a file for dbt-ai store import)') %}
  {%- endif -%}
{% endmacro %}
