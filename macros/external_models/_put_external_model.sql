{#- Make the database know this external model: create it, or alter it to match. Runs where it is called, in no transaction of the caller.
    node: the model file it comes from, none for a hook or a run-operation. -#}
{% macro _put_external_model(external_model, relation=none, node=none) %}
  {%- do adapter.dispatch('_put_external_model', 'dbt_ai')(external_model, relation, node) -%}
{% endmacro %}

{#- Where a model file's own SQL is all that the engine needs. -#}
{% macro default___put_external_model(external_model, relation, node) %}
  {%- if not node -%}
    {% do dbt_ai._unsupported('create_external_model(name=…)', 'AI027', 'give the external model a model file instead') %}
  {%- endif -%}
{% endmacro %}
