{#- Nothing that a user writes under dbt_ai is passed over: a budget or an option that is misspelt would have no effect. -#}

{#- What `vars: dbt_ai:` may hold: the names of dbt_ai.settings.Settings, and what only macros read. -#}
{% macro _known_settings() %}
  {{ return(['schema', 'mode', 'max_cost_usd', 'max_requests', 'max_tokens', 'budgets', 'allowed_hosts', 'store', 'sample', 'credentials', 'endpoints',
             'prices', 'node_seconds', 'keep_inputs', 'redact_rows', 'otlp_endpoint', 'cassette', 'way']) }}
{% endmacro %}

{% macro _require_known_settings(settings) %}
  {%- if settings is not mapping -%}
    {% do exceptions.raise_compiler_error("vars: dbt_ai is " ~ settings ~ ", which is not a mapping; write `dbt_ai: {mode: live}`") %}
  {%- endif -%}
  {%- for name in settings if name not in dbt_ai._known_settings() -%}
    {% do exceptions.raise_compiler_error('vars: dbt_ai: ' ~ name ~ ' is not known; use one of ' ~ dbt_ai._known_settings() | join(', ')) %}
  {%- endfor -%}
{% endmacro %}

{#- What a model with AI calls may say in config(meta={'dbt_ai': {…}}). -#}
{% macro _require_known_meta() %}
  {%- set said = ((model.config.meta or {}).get('dbt_ai') or {}) if model is defined and model.config is defined else {} -%}
  {%- set place = "config(meta={'dbt_ai': …}) of " ~ (model.unique_id if model is defined else 'this query') -%}
  {%- if said is not mapping -%}
    {% do exceptions.raise_compiler_error(place ~ ' is ' ~ said ~ ", which is not a mapping; write {'way': 'runtime'}") %}
  {%- endif -%}
  {%- for name in said if name not in ['allow_large_plan', 'map', 'way', 'execution', 'wait', 'batch_above'] and said.api_format is not defined -%}
    {% do exceptions.raise_compiler_error(place ~ ': ' ~ name ~ ' is not known; use allow_large_plan, map, way, execution, wait or batch_above') %}
  {%- endfor -%}
  {%- if said.way is defined and said.way not in ('native', 'runtime') -%}
    {% do exceptions.raise_compiler_error(place ~ ": way is '" ~ said.way ~ "'; use native or runtime") %}
  {%- endif -%}
  {%- set map = said.map if said.map is defined and said.api_format is not defined else {"vector": "-"} -%}
  {%- if map is not mapping or not map.vector or map.keys() | reject("in", ["vector", "color", "text"]) | list -%}
    {% do exceptions.raise_compiler_error(place ~ ": map is " ~ tojson(map) ~ "; give {'vector': …, 'color': …, 'text': …}, of which color and text may be left out") %}
  {%- endif -%}
  {%- if said.allow_large_plan is defined and said.allow_large_plan is not boolean -%}
    {% do exceptions.raise_compiler_error(place ~ ': allow_large_plan is ' ~ tojson(said.allow_large_plan) ~ '; give true or false') %}
  {%- endif -%}
{% endmacro %}
