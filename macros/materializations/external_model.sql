{% materialization external_model, default %}
  {%- set target_relation = this.incorporate(type='view') -%}
  {%- set external_model = dbt_ai._external_model_of_this_node() -%}
  {{ run_hooks(pre_hooks) }}
  {% do dbt_ai._put_external_model(external_model, target_relation, model.unique_id) %}
  {% call statement('ddl') -%}
    {{ adapter.dispatch('_create_or_replace_view', 'dbt_ai')(target_relation, sql) }}
  {%- endcall %}
  {{ run_hooks(post_hooks) }}
  {% do persist_docs(target_relation, model) %}
  {% if target.type != 'duckdb' %}  {#- which records them in the catalog -#}
    {% do apply_grants(target_relation, config.get('grants')) %}
  {% endif %}
  {{ adapter.commit() }}
  {% do dbt_ai._store_external_model_result(external_model) %}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% macro default___create_or_replace_view(relation, sql) %}
  create or replace view {{ relation }} as (
    {{ sql }}
  )
{% endmacro %}

{% macro _external_model_of_this_node() %}
  {%- set specification = config.get('meta', {}).get('dbt_ai') -%}
  {%- if not specification -%}
    {% do exceptions.raise_compiler_error("materialized='external_model' is set by dbt_ai.create_external_model(…); call it as the body of this model") %}
  {%- endif -%}
  {{ return(dict(specification, name=this.identifier, identifier=this.identifier, grants=config.get('grants', {}))) }}
{% endmacro %}

{% macro _store_external_model_result(external_model) %}
  {% do store_raw_result('main', message=external_model.api_format ~ ' ' ~ external_model.model, code='EXTERNAL MODEL', rows_affected='0') %}
{% endmacro %}
