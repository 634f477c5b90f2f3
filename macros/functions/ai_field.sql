{#- A field of an answer, in the same words on every engine: ai_field('answer', 'label', 'STRING') of a typed answer,
    ai_field('answer', 'response.label', 'STRING') or 'errorStatus' where errors are data. `answer` is a column: SQL engines write the
    way to a field differently, and on some an answer is JSON. -#}
{% macro ai_field(answer, path, type='STRING') -%}
  {%- for part in path.split('.') if not modules.re.match('[A-Za-z_][A-Za-z0-9_]*$', part) -%}
    {% do exceptions.raise_compiler_error("ai_field: the path '" ~ path ~ "' is not names joined by dots; write 'label' or 'response.label'") %}
  {%- endfor -%}
  {{ return(adapter.dispatch('ai_field', 'dbt_ai')(answer, path.split('.'), type)) }}
{%- endmacro %}

{#- A struct with native fields: the type is there already. -#}
{% macro default__ai_field(answer, path, type) -%}
  ({{ answer }}).{{ path | join('.') }}
{%- endmacro %}
