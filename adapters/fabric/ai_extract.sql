{% macro fabric__ai_extract(external_model, content, return_type, instructions, fail_on_error, model_parameters) -%}
  {%- do dbt_ai._fabric_require_plain('ai_extract', fail_on_error, model_parameters) -%}
  {%- set type = dbt_ai._parse_type(return_type) -%}
  {%- if instructions or type.kind != 'struct' or type.fields | rejectattr('type.name', 'equalto', 'STRING') | list -%}
    {{ dbt_ai._unsupported('ai_extract with instructions or types', 'AI017', 'AI_EXTRACT takes a text and names, and answers JSON of texts: give names only, or run this model on DuckDB') }}
  {%- endif -%}
  {%- set names = [] -%}
  {%- for field in type.fields or [] -%}{%- do names.append(dbt_ai._string_literal(field.name)) -%}{%- endfor -%}
  {{ return(dbt_ai._fabric_call('AI_EXTRACT', content, names)) }}
{%- endmacro %}
