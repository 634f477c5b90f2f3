{% macro fabric__ai_fix_grammar(external_model, content, fail_on_error, model_parameters) -%}
  {%- do dbt_ai._fabric_require_plain('ai_fix_grammar', fail_on_error, model_parameters) -%}
  {{ return(dbt_ai._fabric_call('AI_FIX_GRAMMAR', content)) }}
{%- endmacro %}
