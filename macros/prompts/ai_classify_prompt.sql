{#- Version 2. What ai_classify tells the model before the text, to the beginning of the text's own message: a list of messages. Override it in
    a project with a macro `<project>__ai_classify_prompt` or `default__ai_classify_prompt` and a dispatch entry for dbt_ai. -#}
{% macro ai_classify_prompt(labels, instructions, examples, multi_label) -%}
  {{ return(adapter.dispatch('ai_classify_prompt', 'dbt_ai')(labels, instructions, examples, multi_label)) }}
{%- endmacro %}

{#- The labels stand beside every text, where small models heed them. Without examples of the user's, those of other labels show what is
    asked. That the text is data is not said: all that it could bring about is another label, and it costs small models a tenth of their
    right answers. Measured by benchmarks/sentiment.py. -#}
{% macro default__ai_classify_prompt(labels, instructions, examples, multi_label) -%}
  {%- set lines = ['Which of the labels ' ~ ('fit the text?' if multi_label else 'fits the text best?')] -%}
  {%- for name in labels if labels is mapping and labels[name] -%}
    {%- do lines.append('- ' ~ name ~ ': ' ~ labels[name]) -%}
  {%- endfor -%}
  {%- if instructions -%}{%- do lines.append(instructions) -%}{%- endif -%}
  {%- set pairs = [] -%}
  {%- for text, answer in examples -%}
    {%- do pairs.append((dbt_ai._beside_labels(labels) ~ text, answer)) -%}
  {%- else -%}
    {%- for shown, text, answer in dbt_ai._examples_of_other_labels() -%}
      {%- do pairs.append((dbt_ai._beside_labels(shown) ~ text, [answer] if multi_label else answer)) -%}
    {%- endfor -%}
  {%- endfor -%}
  {{ return([{'role': 'system', 'content': lines | join('\n')}] + dbt_ai._examples(pairs)
       + [{'role': 'user', 'content': dbt_ai._beside_labels(labels)}]) }}
{%- endmacro %}

{% macro _beside_labels(labels) -%}
  {{ return('Labels: ' ~ labels | join(', ') ~ '\nText: ') }}
{%- endmacro %}

{#- Labels, a text and the label that fits it. -#}
{% macro _examples_of_other_labels() -%}
  {{ return([
       (['sports', 'politics'], 'The striker scored twice in the final.', 'sports'),
       (['complaint', 'question'], 'Where can I change my password?', 'question'),
       (['bad', 'good'], 'The soup was cold and the waiter was rude.', 'bad'),
       (['boring', 'exciting'], 'A wonderful book, I could not put it down.', 'exciting')]) }}
{%- endmacro %}
