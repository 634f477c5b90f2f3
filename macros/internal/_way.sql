{#- The way of a call: 'native', the warehouse's own function, or 'runtime', the look-up of an answer that the dbt_ai runtime got.
    config(meta={'dbt_ai': {'way': …}}) wins over `vars: dbt_ai: {way: …}`; where neither says it, a call is native if something in the
    warehouse stands for its external model. -#}
{% macro _way(function, external_model) %}
  {%- set said = dbt_ai._way_that_is_set() -%}
  {%- if said == 'runtime' and external_model.literal -%}
    {% do exceptions.raise_compiler_error(function ~ ": '" ~ external_model.name ~ "' is a string, which names an endpoint of the warehouse itself, and the way of "
        ~ model.unique_id ~ " is set to runtime; give ref('…') of an external model, or set the way to native") %}
  {%- endif -%}
  {{ return(said or ('native' if adapter.dispatch('_is_native', 'dbt_ai')(function, external_model) else 'runtime')) }}
{% endmacro %}

{% macro _way_that_is_set() %}
  {%- set of_model = ((model.config.meta or {}).get('dbt_ai') or {}) if model is defined and model.config is defined else {} -%}
  {%- for place, said in [('config(meta={\'dbt_ai\': {\'way\': …}})', of_model.get('way')), ('vars: dbt_ai: {way: …}', dbt_ai._setting('way'))] if said -%}
    {%- if said not in ('native', 'runtime') -%}
      {% do exceptions.raise_compiler_error(place ~ " is '" ~ said ~ "'; use native or runtime") %}
    {%- endif -%}
    {{ return(said) }}
  {%- endfor -%}
  {{ return(none) }}
{% endmacro %}

{#- Whether the warehouse has something that stands for the external model in this function. -#}
{% macro default___is_native(function, external_model) %}
  {{ return(external_model.literal or target.type in (external_model.native or {})) }}
{% endmacro %}

{#- Whether this call is compiled to a look-up; an engine that the runtime enters with functions of its own needs none. -#}
{% macro _is_looked_up(function, external_model) %}
  {{ return(adapter.dispatch('_is_looked_up', 'dbt_ai')(function, external_model)) }}
{% endmacro %}

{% macro default___is_looked_up(function, external_model) %}
  {{ return(dbt_ai._way(function, external_model) == 'runtime') }}
{% endmacro %}

{#- What `vars: dbt_ai: {…}` says, with the names of the plugin's configuration on DuckDB. -#}
{% macro _setting(name, otherwise=none) %}
  {%- set settings = var('dbt_ai', {}) or {} -%}
  {%- do dbt_ai._require_known_settings(settings) -%}
  {{ return(otherwise if settings.get(name) is none else settings[name]) }}
{% endmacro %}
