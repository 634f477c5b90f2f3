{#- What the text says about each field; NULL where it says nothing.
    fields: a list of names, a mapping from names to descriptions, or a type: DDL as text, a JSON Schema as a mapping. -#}
{% macro ai_extract(model, content, fields, instructions=none, fail_on_error=true, model_parameters={}) -%}
  {%- do dbt_ai._require_expression('ai_extract', 'content', content) -%}
  {%- if instructions is not none -%}{%- do dbt_ai._require_text('ai_extract', 'instructions', instructions, 'Dates are day first.') -%}{%- endif -%}
  {%- set external_model = dbt_ai._external_model(model, 'CHAT', 'ai_extract') -%}
  {%- set return_type = dbt_ai._extracted_type(fields) -%}
  {%- if external_model.looked_up -%}
    {{ return(dbt_ai.default__ai_extract(external_model, content, return_type, instructions, fail_on_error, model_parameters)) }}
  {%- endif -%}
  {{ return(adapter.dispatch('ai_extract', 'dbt_ai')(external_model, content, return_type, instructions, fail_on_error, model_parameters)) }}
{%- endmacro %}

{% macro default__ai_extract(external_model, content, return_type, instructions, fail_on_error, model_parameters) -%}
  {{ return(dbt_ai._answer('ai_extract', external_model, content, fail_on_error, model_parameters,
       messages=dbt_ai.ai_extract_prompt(instructions), return_type=return_type)) }}
{%- endmacro %}

{% macro _extracted_type(fields) -%}
  {%- if fields is string and modules.re.match('[\\w ]*$', fields) -%}
    {% do exceptions.raise_compiler_error("ai_extract: fields '" ~ fields ~ "' is not a list or a type; write ['" ~ (fields.strip() or 'name') ~ "'] or 'STRUCT<" ~ (fields.strip() or 'name') ~ " STRING>'") %}
  {%- elif fields is string or (fields is mapping and ('properties' in fields or '$ref' in fields)) -%}
    {{ return(dbt_ai._type_text('fields', fields)) }}
  {%- endif -%}
  {%- do dbt_ai._require_names('ai_extract', 'fields', fields, 1, 128) -%}
  {%- set parts = [] -%}
  {%- for name in fields -%}
    {%- set comment = ' COMMENT ' ~ dbt_ai._quoted_in_type(fields[name]) if fields is mapping and fields[name] else '' -%}
    {%- do parts.append('`' ~ name | replace('`', '``') ~ '` STRING' ~ comment) -%}
  {%- endfor -%}
  {{ return('STRUCT<' ~ parts | join(', ') ~ '>') }}
{%- endmacro %}
