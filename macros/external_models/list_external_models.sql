{#- The external models that the database knows, as a list of mappings; `dbt run-operation list_external_models` prints them. -#}
{% macro list_external_models() -%}
  {%- if not execute -%}{{ return([]) }}{%- endif -%}
  {%- set models = adapter.dispatch('list_external_models', 'dbt_ai')() -%}
  {%- if flags.WHICH == 'run-operation' -%}
    {%- for found in models -%}
      {%- do log(found.name ~ ': ' ~ found.model_type_desc ~ ' ' ~ found.model ~ ' by ' ~ found.api_format ~ ' at ' ~ found.location
           ~ (', credential ' ~ found.credential if found.credential else '') ~ (', owner ' ~ found.owner if found.owner else ''), info=true) -%}
    {%- else -%}
      {%- do log('no external models', info=true) -%}
    {%- endfor -%}
  {%- endif -%}
  {{ return(models) }}
{%- endmacro %}

{#- Those that the runtime answers for. -#}
{% macro default__list_external_models() %}
  {%- if dbt_ai._project_looks_up() and dbt_ai._has_runtime() -%}{{ return(dbt_ai._ask_catalog('models')) }}{%- endif -%}
  {% do dbt_ai._unsupported('list_external_models', 'AI027', "use dbt ls --select config.materialized:external_model") %}
{% endmacro %}
