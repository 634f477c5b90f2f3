{#- The materialization of an external model that is an object of the warehouse and not a relation: its SQL is run as it is. Where nothing
    in the warehouse stands for the model, the view that describes it is all there is. -#}
{% macro _create_external_model_object() %}
  {%- set external_model = dbt_ai._external_model_of_this_node() -%}
  {%- if not dbt_ai._is_object(external_model) -%}{{ return(dbt_ai.materialization_external_model_default()) }}{%- endif -%}
  {{ run_hooks(pre_hooks) }}
  {% call statement('create') -%}
    {{ sql }}
  {%- endcall %}
  {% do dbt_ai._apply_external_model_grants(external_model) %}
  {{ run_hooks(post_hooks) }}
  {% do dbt_ai._store_external_model_result(external_model) %}
  {{ return({'relations': []}) }}
{% endmacro %}

{#- No object stands for a model of the last two types: Databricks has a function for decisions, and no other warehouse has anything. -#}
{% macro _is_object(external_model) %}
  {{ return(external_model.model_type not in ['DECISIONS', 'RERANKING'] and dbt_ai._way('create_external_model', external_model) == 'native') }}
{% endmacro %}
