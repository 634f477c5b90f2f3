{#- Outside of a transaction: Microsoft does not say whether DDL of external models may run inside one. No relation is made. -#}
{% materialization external_model, adapter='sqlserver' %}
  {%- set external_model = dbt_ai._external_model_of_this_node() -%}
  {%- if not dbt_ai._is_object(external_model) -%}{{ return(dbt_ai.materialization_external_model_default()) }}{%- endif -%}
  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {% call statement('create', auto_begin=false) -%}
    {{ sql }}
  {%- endcall %}
  {% do dbt_ai._apply_external_model_grants(external_model) %}
  {{ run_hooks(post_hooks, inside_transaction=False) }}
  {% do dbt_ai._store_external_model_result(external_model) %}
  {{ return({'relations': []}) }}
{% endmaterialization %}
