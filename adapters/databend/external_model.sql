{#- The model is two functions, not a relation. Databend asks the server for their types: `dbt-ai serve` must be up. -#}
{% materialization external_model, adapter='databend' %}
  {%- set external_model = dbt_ai._external_model_of_this_node() -%}
  {{ run_hooks(pre_hooks) }}
  {%- for create in sql.split(';\n') %}
    {% call statement('create_' ~ loop.index) -%}
      {{ create }}
    {%- endcall %}
  {%- endfor %}
  {% do dbt_ai._apply_external_model_grants(external_model) %}
  {{ run_hooks(post_hooks) }}
  {% do dbt_ai._store_external_model_result(external_model) %}
  {{ return({'relations': []}) }}
{% endmaterialization %}
