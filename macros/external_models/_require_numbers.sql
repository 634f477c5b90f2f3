{#- Refuse a text, or nonsense, in the place of a number. A null leaves the parameter out. -#}
{% macro _require_numbers(owner, parameters) %}
  {%- set counts = ['max_tokens', 'max_completion_tokens', 'max_output_tokens', 'maxOutputTokens'] -%}
  {%- set numbers = ['temperature', 'top_p', 'top_k', 'topP', 'topK', 'min_p', 'presence_penalty', 'frequency_penalty', 'seed', 'num_predict'] -%}
  {%- for name, value in parameters.items() if name in counts + numbers and value is not none -%}
    {%- if name in counts and (value is not integer or value < 1) -%}
      {% do exceptions.raise_compiler_error(owner ~ ': parameter ' ~ name ~ ' ' ~ tojson(value, value) ~ ' is not accepted; give a whole number above 0, such as 256') %}
    {%- elif value is not integer and value is not float -%}
      {% do exceptions.raise_compiler_error(owner ~ ': parameter ' ~ name ~ ' ' ~ tojson(value, value) ~ ' is not accepted; give a number, such as 1') %}
    {%- endif -%}
  {%- endfor -%}
{% endmacro %}
