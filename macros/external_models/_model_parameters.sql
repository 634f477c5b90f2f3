{#- The parameters of an external model as a mapping, given as one or as its JSON text. `dimensions` may be written in any case, as a
    number or a string; retry_count is a whole number from 0 to 10. The rest is the endpoint's business. -#}
{% macro _model_parameters(parameters) %}
  {%- set read = fromjson(parameters, none) if parameters is string and parameters | trim else (parameters or {}) -%}
  {%- if read is not mapping -%}
    {% do exceptions.raise_compiler_error("external model: parameters " ~ parameters ~ " are not a JSON object; write a mapping such as {'dimensions': 512}, or its JSON text") %}
  {%- endif -%}
  {%- set normalised = {} -%}
  {%- for name, value in read.items() -%}
    {%- if name | lower != 'dimensions' -%}
      {%- do normalised.update({name: value}) -%}
    {%- elif 'dimensions' in normalised -%}
      {% do exceptions.raise_compiler_error("external model: parameters hold dimensions twice; keep one") %}
    {%- else -%}
      {%- set dimensions = value | int(0) if value is string or value is integer else 0 -%}
      {%- if dimensions < 1 or value is boolean -%}
        {% do exceptions.raise_compiler_error("external model: dimensions " ~ tojson(value) ~ " is not a number of dimensions; give a whole number from 1") %}
      {%- endif -%}
      {%- do normalised.update({'dimensions': dimensions}) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- if 'sql_rest_options' in normalised -%}
    {%- set options = normalised.sql_rest_options -%}
    {%- set retries = options.retry_count if options is mapping and options.keys() | list == ['retry_count'] else none -%}
    {%- if retries is not integer or retries is boolean or retries < 0 or retries > 10 -%}
      {% do exceptions.raise_compiler_error("external model: sql_rest_options " ~ tojson(options) ~ " is not accepted; write {'retry_count': n} with a whole number n from 0 to 10") %}
    {%- endif -%}
  {%- endif -%}
  {{ return(normalised) }}
{% endmacro %}
