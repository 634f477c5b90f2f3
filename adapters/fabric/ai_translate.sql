{% macro fabric__ai_translate(external_model, content, to_lang, fail_on_error, model_parameters) -%}
  {%- do dbt_ai._fabric_require_plain('ai_translate', fail_on_error, model_parameters) -%}
  AI_TRANSLATE({{ content }}, {{ dbt_ai._string_literal(to_lang) }})
{%- endmacro %}
