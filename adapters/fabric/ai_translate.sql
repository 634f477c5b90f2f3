{% macro fabric__ai_translate(external_model, content, to_lang, fail_on_error, model_parameters) -%}
  {%- do dbt_ai._fabric_require_plain('ai_translate', fail_on_error, model_parameters) -%}
  {%- set known = ['de', 'en', 'fr', 'it', 'es', 'el', 'pl', 'sv', 'fi', 'cs'] -%}
  {%- if to_lang not in known -%}
    {{ dbt_ai._unsupported("ai_translate to '" ~ to_lang ~ "'", 'AI017', 'AI_TRANSLATE takes the codes ' ~ known | join(', ') ~ ': use one of them, or run this model on DuckDB') }}
  {%- endif -%}
  {{ return(dbt_ai._fabric_call('AI_TRANSLATE', content, [dbt_ai._string_literal(to_lang)])) }}
{%- endmacro %}
