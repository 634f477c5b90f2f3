{% macro spark__ai_embed(external_model, text, parameters, fail_on_error) -%}
  {%- set arguments = ['model => ' ~ dbt_ai._string_literal(dbt_ai._runtime_model('ai_embed', external_model)), 'text => ' ~ dbt_ai._text_of(text)] -%}
  {%- set call = dbt_ai._call_json('ai_embed', parameters) -%}
  {%- if call -%}{%- do arguments.append('call => ' ~ dbt_ai._string_literal(call)) -%}{%- endif -%}
  {%- if not fail_on_error -%}{%- do arguments.append('failOnError => false') -%}{%- endif -%}
  {%- set answer = 'ai_embed(' ~ arguments | join(', ') ~ ')' -%}
  {{ return(answer ~ '.response' if fail_on_error else dbt_ai._unless_null(text, answer)) }}
{%- endmacro %}
