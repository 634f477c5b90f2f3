{#- Make the database know this external model: create it, or alter it to match. Runs where it is called, in no transaction of the caller.
    node: the model file it comes from, none for a hook or a run-operation. -#}
{% macro _put_external_model(external_model, relation=none, node=none) %}
  {%- do adapter.dispatch('_put_external_model', 'dbt_ai')(external_model, relation, node) -%}
{% endmacro %}

{#- A model file's own SQL is all that the engine needs; the runtime lists in its catalog what it answers for. -#}
{% macro default___put_external_model(external_model, relation, node) %}
  {%- if not node -%}
    {% do dbt_ai._unsupported('create_external_model(name=…)', 'AI027', 'give the external model a model file instead') %}
  {%- endif -%}
  {%- if dbt_ai._has_runtime() and dbt_ai._is_looked_up_model(graph.nodes[node]) -%}
    {%- set specification = dict(external_model) -%}
    {%- do specification.pop('identifier') -%}
    {%- do specification.pop('grants', none) -%}
    {%- do dbt_ai._ask_catalog('put', {'schema': relation.schema, 'specification': specification,
          'origin': {'project': project_name, 'target_schema': target.schema, 'node': node}}) -%}
  {%- endif -%}
{% endmacro %}
