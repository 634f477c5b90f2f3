{#- With bundle 2026_07 AI_EMBED answers NULL for a row that failed and takes return_error_details, which other accounts refuse.
    https://docs.snowflake.com/en/release-notes/bcr-bundles/2026_07/bcr-2358 -#}
{% macro snowflake__ai_embed(external_model, text, parameters, fail_on_error) -%}
  {%- if not fail_on_error -%}
    {{ dbt_ai._unsupported('ai_embed with fail_on_error=false', 'AI008', 'AI_EMBED cannot return its errors: leave fail_on_error out and keep rows it cannot embed from it with a where') }}
  {%- elif parameters -%}
    {{ dbt_ai._unsupported('ai_embed with parameters', 'AI008', 'AI_EMBED takes none: choose a model of the length you want with native') }}
  {%- endif -%}
  AI_EMBED({{ dbt_ai._string_literal(dbt_ai._snowflake_model(external_model)) }}, {{ text }})
{%- endmacro %}
