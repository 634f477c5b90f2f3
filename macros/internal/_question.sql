{#- A question with a closed list of answers, each of which gets a probability: dbt_ai.questions reads it.

    A chat model is asked for one token, so no two answers may begin with the same sign, whatever the tokens of the model are. Labels that do
    are answered by a letter. -#}
{% macro _yes_no_question(instructions) -%}
  {{ return({'name': 'answer', 'type': 'yes_no', 'instructions': instructions}) }}
{%- endmacro %}

{#- labels: a list of names, or a mapping from names to descriptions. A decision model is told them as they are. -#}
{% macro _choice_question(labels, instructions, external_model) -%}
  {%- set choices = {} -%}
  {%- for label in labels -%}{%- do choices.update({label: (labels[label] or '') if labels is mapping else ''}) -%}{%- endfor -%}
  {%- set question = {'name': 'answer', 'type': 'choice', 'instructions': instructions or '', 'choices': choices} -%}
  {%- if external_model.model_type != 'DECISIONS' -%}{%- do question.update({'written': dbt_ai._written(choices)}) -%}{%- endif -%}
  {{ return(question) }}
{%- endmacro %}

{#- levels: what each level is called, lowest first, which stand for numbers from low to high. written: their digits. -#}
{% macro _score_question(instructions, levels, low, high, written) -%}
  {{ return({'name': 'answer', 'type': 'score', 'instructions': instructions, 'levels': levels, 'low': low, 'high': high, 'written': written}) }}
{%- endmacro %}

{#- How a chat model writes each label: as it is, or by a letter where two begin alike. -#}
{% macro _written(labels) -%}
  {%- set begun = [] -%}
  {%- for label in labels -%}
    {%- set first = (label.strip() | lower)[0] -%}
    {%- if first in begun or not modules.re.match('[a-z0-9]', first) -%}{{ return('ABCDEFGHIJKLMNOPQRST'[:labels | length] | list) }}{%- endif -%}
    {%- do begun.append(first) -%}
  {%- endfor -%}
  {{ return(labels | list) }}
{%- endmacro %}

{#- The type of an answer that is one of some labels with the probability of each. -#}
{% macro _choice_type() -%}
  {{ return('STRUCT<label STRING, confidence DOUBLE, probabilities MAP<STRING, DOUBLE>>') }}
{%- endmacro %}
