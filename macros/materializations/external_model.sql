{% materialization external_model, default %}
  {%- set target_relation = this.incorporate(type='view') -%}
  {%- set specification = config.get('meta', {}).get('dbt_ai') -%}
  {%- if not specification -%}
    {% do exceptions.raise_compiler_error("materialized='external_model' is set by dbt_ai.create_external_model(…); call it as the body of this model") %}
  {%- endif -%}
  {{ run_hooks(pre_hooks) }}
  {% do dbt_ai._check_external_model(dict(specification, name=model.name)) %}
  {% call statement('ddl') -%}
    create or replace view {{ target_relation }} as (
      {{ sql }}
    )
  {%- endcall %}
  {{ run_hooks(post_hooks) }}
  {% do persist_docs(target_relation, model) %}
  {{ adapter.commit() }}
  {% do store_raw_result('main', message=specification.api_format ~ ' ' ~ specification.model, code='EXTERNAL MODEL', rows_affected='0') %}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% macro _check_external_model(external_model) %}
  {{ return(adapter.dispatch('_check_external_model', 'dbt_ai')(external_model)) }}
{% endmacro %}

{% macro default___check_external_model(external_model) %}
{% endmacro %}
