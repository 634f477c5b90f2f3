{#- Its external models embed, by the formats that it speaks. -#}
{% macro sqlserver___is_native(function, external_model) %}
  {{ return(external_model.literal or (external_model.model_type == 'EMBEDDINGS' and external_model.api_format in ('OpenAI', 'Azure OpenAI', 'Ollama', 'ONNX Runtime'))) }}
{% endmacro %}

{#- hashbytes sees bytes, and those of nvarchar are UTF-16. -#}
{% macro sqlserver___key(text) %}
  {{ return("lower(convert(varchar(64), hashbytes('SHA2_256', cast(" ~ text ~ " collate Latin1_General_100_BIN2_UTF8 as varchar(max))), 2))") }}
{% endmacro %}

{#- KEY is a word of the language. -#}
{% macro sqlserver___column(name) %}
  {{ return('"' ~ name ~ '"') }}
{% endmacro %}

{#- What is nested stays JSON text. -#}
{% macro sqlserver___as_type(text, type) %}
  {%- set names = {'BOOLEAN': 'bit', 'TINYINT': 'smallint', 'FLOAT': 'real', 'DOUBLE': 'float', 'DATE': 'date', 'TIMESTAMP': 'datetime2(6)',
        'TIMESTAMP_NTZ': 'datetime2(6)', 'SMALLINT': 'smallint', 'INT': 'int', 'BIGINT': 'bigint'} -%}
  {%- set name = 'decimal(' ~ type.precision ~ ', ' ~ type.scale ~ ')' if type.kind == 'decimal' else names.get(type.name) -%}
  {{ return('cast(' ~ text ~ ' as ' ~ name ~ ')' if name else text) }}
{% endmacro %}

{% macro sqlserver___as_vector(vector, dimensions) %}
  {%- if not dimensions -%}
    {{ dbt_ai._unsupported('ai_embed of an external model without dimensions', 'AI029', "a VECTOR has a length there: add parameters={'dimensions': 384} to its create_external_model, or to the call") }}
  {%- endif -%}
  {{ return('cast(' ~ vector ~ ' as vector(' ~ dimensions ~ '))') }}
{% endmacro %}

{% macro sqlserver___with_error(value, error, type) %}
  {%- set nested = type.kind in ('struct', 'array', 'map') or type.name == 'VARIANT' -%}
  {{ return("json_object('response': " ~ ('json_query(' ~ value ~ ')' if nested else value) ~ ", 'errorStatus': " ~ error ~ ')') }}
{% endmacro %}

{% macro sqlserver___json_of(expression) %}
  {{ return(dbt_ai._concatenation([dbt_ai._string_literal('"'), "string_escape(" ~ dbt_ai._uncut(expression) ~ ", 'json')", dbt_ai._string_literal('"')])) }}
{% endmacro %}

{% macro sqlserver___asks_in_json() %}
  {{ return(dbt_ai._way_that_is_set() != 'native') }}
{% endmacro %}

{% macro sqlserver___by_bytes(text) %}
  {{ return(text ~ ' collate Latin1_General_100_BIN2_UTF8') }}
{% endmacro %}
