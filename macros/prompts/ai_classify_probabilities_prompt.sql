{#- Version 1. What ai_classify with probabilities tells the model before the text, to the beginning of the text's own message: a list of
    messages. choices: label to description. written: how each label is answered, the label or a letter that stands for it. Override it in a
    project with a macro `<project>__ai_classify_probabilities_prompt` or `default__…` and a dispatch entry for dbt_ai. -#}
{% macro ai_classify_probabilities_prompt(choices, written, instructions, examples) -%}
  {{ return(adapter.dispatch('ai_classify_probabilities_prompt', 'dbt_ai')(choices, written, instructions, examples)) }}
{%- endmacro %}

{#- As ai_classify_prompt, but the model answers the bare label, or its letter, whose first token is all that is read. -#}
{% macro default__ai_classify_probabilities_prompt(choices, written, instructions, examples) -%}
  {%- set labels, by_letter = choices.keys() | list, written != choices.keys() | list -%}
  {%- set lines = ['Which of the labels fits the text best? Answer with ' ~ ('its letter' if by_letter else 'the label') ~ ' only.'] -%}
  {%- for label in labels if by_letter or choices[label] -%}
    {%- set described = label ~ (': ' ~ choices[label] if choices[label] else '') -%}
    {%- do lines.append((written[loop.index0] ~ ') ' if by_letter else '- ') ~ described) -%}
  {%- endfor -%}
  {%- if instructions -%}{%- do lines.append(instructions) -%}{%- endif -%}
  {%- set beside = 'Text: ' if by_letter else dbt_ai._beside_labels(labels) -%}
  {%- set messages = [{'role': 'system', 'content': lines | join('\n')}] -%}
  {%- for text, answer in examples -%}
    {%- do messages.append({'role': 'user', 'content': beside ~ text}) -%}
    {%- do messages.append({'role': 'assistant', 'content': written[labels.index(answer)]}) -%}
  {%- else -%}
    {%- for shown, text, answer in dbt_ai._examples_of_other_labels() if not by_letter -%}
      {%- do messages.append({'role': 'user', 'content': dbt_ai._beside_labels(shown) ~ text}) -%}
      {%- do messages.append({'role': 'assistant', 'content': answer}) -%}
    {%- endfor -%}
  {%- endfor -%}
  {{ return(messages + [{'role': 'user', 'content': beside}]) }}
{%- endmacro %}
