{#- Version 2. What ai_classify with probabilities tells the model around the text: a list of messages, the last of which begins the text's
    own, with what follows the text as `after`. choices: label to description. written: how each label is answered, the label or a letter that stands for it. Override it in a
    project with a macro `<project>__ai_classify_probabilities_prompt` or `default__…` and a dispatch entry for dbt_ai. -#}
{% macro ai_classify_probabilities_prompt(choices, written, instructions, examples) -%}
  {{ return(adapter.dispatch('ai_classify_probabilities_prompt', 'dbt_ai')(choices, written, instructions, examples)) }}
{%- endmacro %}

{#- As ai_classify_prompt, but the model answers the bare label, or its letter, whose first token is all that is read. The last word before it
    is `Label:`, which is worth seven of a hundred right answers to SmolLM2-135M. -#}
{% macro default__ai_classify_probabilities_prompt(choices, written, instructions, examples) -%}
  {%- set labels, by_letter = choices.keys() | list, written != choices.keys() | list -%}
  {%- set lines = ['Which of the labels fits the text best? Answer with ' ~ ('its letter' if by_letter else 'the label') ~ ' only.'] -%}
  {%- for label in labels if by_letter or choices[label] -%}
    {%- set described = label ~ (': ' ~ choices[label] if choices[label] else '') -%}
    {%- do lines.append((written[loop.index0] ~ ') ' if by_letter else '- ') ~ described) -%}
  {%- endfor -%}
  {%- if instructions -%}{%- do lines.append(instructions) -%}{%- endif -%}
  {%- set after = '\n' ~ ('Letter:' if by_letter else 'Label:') -%}
  {%- set beside = 'Text: ' if by_letter else dbt_ai._beside_labels(labels) -%}
  {%- set messages = [{'role': 'system', 'content': lines | join('\n')}] -%}
  {%- for text, answer in examples -%}
    {%- do messages.append({'role': 'user', 'content': beside ~ text ~ after}) -%}
    {%- do messages.append({'role': 'assistant', 'content': written[labels.index(answer)]}) -%}
  {%- else -%}
    {%- for shown, text, answer in dbt_ai._examples_of_other_labels() if not by_letter -%}
      {%- do messages.append({'role': 'user', 'content': dbt_ai._beside_labels(shown) ~ text ~ after}) -%}
      {%- do messages.append({'role': 'assistant', 'content': answer}) -%}
    {%- endfor -%}
  {%- endfor -%}
  {{ return(messages + [{'role': 'user', 'content': beside, 'after': after}]) }}
{%- endmacro %}
