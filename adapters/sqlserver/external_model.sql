{#- Outside of a transaction: Microsoft does not say whether DDL of external models may run inside one. No relation is made. -#}
{% materialization external_model, adapter='sqlserver' %}
  {%- set external_model = dbt_ai._external_model_of_this_node() -%}
  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {% call statement('create', auto_begin=false) -%}
    {{ sql }}
  {%- endcall %}
  {%- for privilege, grantees in external_model.grants.items() -%}
    {%- do dbt_ai.sqlserver__grant_external_model(external_model.name, [grantees] if grantees is string else grantees, privilege) -%}
  {%- endfor %}
  {{ run_hooks(post_hooks, inside_transaction=False) }}
  {% do dbt_ai._store_external_model_result(external_model) %}
  {{ return({'relations': []}) }}
{% endmaterialization %}
