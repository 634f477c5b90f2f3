{#- The parameters of an external model as a mapping, given as one or as its JSON text. `dimensions` may be written in any case, as a
    number or a string; retry_count is a whole number from 0 to 10; numbers are no texts. The rest is the endpoint's business.
    dbt_ai.parameters in Jinja: tests/cases/parameters.yml holds for both. -#}
{% macro _model_parameters(parameters) %}
  {%- if parameters is none or parameters == '' -%}{{ return({}) }}{%- endif -%}
  {%- set read = fromjson(parameters, none) if parameters is string else parameters -%}
  {%- if read is not mapping or not dbt_ai._is_json(read) -%}
    {% do exceptions.raise_compiler_error("external model: parameters " ~ parameters ~ " are not a JSON object; write a mapping such as {'dimensions': 512} or its JSON text") %}
  {%- endif -%}
  {%- set normalised = {} -%}
  {%- for name, value in read.items() -%}
    {%- if name | lower in ['model', 'input', 'messages', 'stream'] -%}
      {% do exceptions.raise_compiler_error("external model: parameters cannot hold '" ~ name ~ "', which the runtime writes itself; leave it out") %}
    {%- elif name | lower == 'dimensions' and 'dimensions' in normalised -%}
      {% do exceptions.raise_compiler_error('external model: parameters hold dimensions twice; keep one') %}
    {%- elif name | lower == 'dimensions' -%}
      {%- do normalised.update({'dimensions': dbt_ai._model_dimensions(value)}) -%}
    {%- elif name != 'sql_rest_options' or value is not none -%}
      {%- do normalised.update({name: value}) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- set secret = dbt_ai._secret_parameter(read) -%}
  {%- if secret -%}
    {% do exceptions.raise_compiler_error("external model: parameters hold '" ~ secret ~ "', where a secret would be seen; use a credential, whose secret the endpoint gets in a header") %}
  {%- endif -%}
  {%- do dbt_ai._require_numbers('external model', normalised) -%}
  {%- if 'sql_rest_options' in normalised -%}{%- do dbt_ai._require_rest_options(normalised.sql_rest_options) -%}{%- endif -%}
  {{ return(normalised) }}
{% endmacro %}

{% macro _model_dimensions(value) %}
  {%- set dimensions = value | int if value is integer or value is string and modules.re.match('\\s*[0-9]{1,9}\\s*$', value) else 0 -%}
  {%- if dimensions < 1 or dimensions > 100000 -%}
    {% do exceptions.raise_compiler_error('external model: dimensions ' ~ tojson(value) ~ ' is not a number of dimensions; give a whole number from 1 to 100,000') %}
  {%- endif -%}
  {{ return(dimensions) }}
{% endmacro %}

{% macro _require_rest_options(options) %}
  {%- if options is not mapping or options.keys() | list != ['retry_count'] -%}
    {% do exceptions.raise_compiler_error('external model: sql_rest_options ' ~ tojson(options) ~ " is not known; write {'sql_rest_options': {'retry_count': 3}}") %}
  {%- endif -%}
  {%- set count = options.retry_count -%}
  {%- if count is not integer or count < 0 or count > 10 -%}
    {% do exceptions.raise_compiler_error('external model: sql_rest_options.retry_count ' ~ tojson(count) ~ ' is not accepted; give a whole number from 0 to 10') %}
  {%- endif -%}
{% endmacro %}

{#- Whether JSON has words for the value: not for dates, and not for NaN and the infinities, which Python's JSON writes all the same. -#}
{% macro _is_json(value) %}
  {%- if value is none or value is boolean or value is string or value is integer -%}{{ return(true) }}
  {%- elif value is float -%}{{ return(value - value == 0) }}
  {%- elif value is not mapping and value is not iterable -%}{{ return(false) }}
  {%- endif -%}
  {%- for part in (value.values() if value is mapping else value) if not dbt_ai._is_json(part) -%}{{ return(false) }}{%- endfor -%}
  {{ return(true) }}
{% endmacro %}
