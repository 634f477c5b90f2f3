{#- AI002: what decides how a model is called has to be known before any row is. -#}
{% macro _require_constants(function, fail_on_error, model_parameters) -%}
  {%- if fail_on_error not in [true, false] -%}
    {% do exceptions.raise_compiler_error('AI002: ' ~ function ~ ': fail_on_error ' ~ fail_on_error ~ ' is not a constant; give true or false') %}
  {%- endif -%}
  {%- if model_parameters is not none and model_parameters is not mapping -%}
    {% do exceptions.raise_compiler_error('AI002: ' ~ function ~ ': model_parameters ' ~ model_parameters ~ " is not a constant mapping; write {'max_tokens': 256, 'temperature': 0.2}; what differs by row belongs into the request") %}
  {%- endif -%}
  {%- do dbt_ai._require_numbers(function, model_parameters or {}) -%}
{%- endmacro %}
