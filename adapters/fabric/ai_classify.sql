{% macro fabric__ai_classify(external_model, content, labels, instructions, examples, multi_label, fail_on_error, model_parameters) -%}
  {%- do dbt_ai._fabric_require_plain('ai_classify', fail_on_error, model_parameters) -%}
  {%- if instructions or examples or multi_label -%}
    {{ dbt_ai._unsupported('ai_classify with instructions, examples or multi_label', 'AI017', 'AI_CLASSIFY takes a text and its labels: leave them out, or run this model on DuckDB') }}
  {%- endif -%}
  {%- set quoted = [] -%}
  {%- for label in labels -%}{%- do quoted.append(dbt_ai._string_literal(label)) -%}{%- endfor -%}
  {{ return(dbt_ai._fabric_call('AI_CLASSIFY', content, quoted)) }}
{%- endmacro %}
