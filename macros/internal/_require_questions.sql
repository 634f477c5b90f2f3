{#- Refuse questions of ai_decide that cannot be asked, in one sentence that names the question. -#}
{% macro _require_questions(questions) -%}
  {%- if questions is not mapping or not questions -%}
    {% do exceptions.raise_compiler_error("ai_decide: questions " ~ questions ~ " are no mapping from names to questions; write {'urgent': {'type': 'yes_no', 'instructions': 'It cannot wait'}}") %}
  {%- endif -%}
  {%- set seen = [] -%}
  {%- for name, question in questions.items() -%}
    {%- if name is not string or not modules.re.match('[A-Za-z_][A-Za-z0-9_]*$', name) or name | lower in seen -%}
      {% do exceptions.raise_compiler_error("ai_decide: question '" ~ name ~ "' is " ~ ('there twice' if name | lower in seen else 'no name of a column') ~ '; give each a name of its own, of letters, digits and _') %}
    {%- endif -%}
    {%- do seen.append(name | lower) -%}
    {%- do dbt_ai._require_question(name, question) -%}
  {%- endfor -%}
{%- endmacro %}

{% macro _require_question(name, question) -%}
  {%- set own = {'yes_no': 'instructions', 'choice': 'choices', 'score': 'levels'} -%}
  {%- set who = "ai_decide: question '" ~ name ~ "'" -%}
  {%- if question is not mapping or question.type not in own -%}
    {% do exceptions.raise_compiler_error(who ~ (' is ' ~ question if question is not mapping else " has type '" ~ (question.type or '') ~ "'") ~ "; give a mapping with type yes_no, choice or score") %}
  {%- endif -%}
  {%- for field in question if field not in ['type', 'instructions', own[question.type]] -%}
    {% do exceptions.raise_compiler_error(who ~ " has '" ~ field ~ "', which type " ~ question.type ~ ' does not take; use instructions' ~ (' and ' ~ own[question.type] if question.type != 'yes_no' else '')) %}
  {%- endfor -%}
  {%- if question.type == 'yes_no' or question.instructions is defined -%}
    {%- do dbt_ai._require_text('ai_decide', 'instructions of ' ~ name, question.instructions or '', 'The customer asks for a refund') -%}
  {%- endif -%}
  {%- if question.type == 'score' -%}{%- do dbt_ai._require_names('ai_decide', 'levels of ' ~ name, question.levels, 2, 10) -%}
  {%- elif question.type == 'choice' -%}{%- do dbt_ai._require_names('ai_decide', 'choices of ' ~ name, question.choices, 2, 255) -%}
  {%- endif -%}
{%- endmacro %}

{#- A token tells at most 20 labels apart: endpoints answer no more of the likeliest. A decision model takes 255. -#}
{% macro _require_choices(external_model, function, argument, choices) -%}
  {%- if execute and not dbt_ai._in_unit_test() -%}
    {%- do dbt_ai._require_names(function, argument, choices, 2, 20 if external_model.model_type == 'CHAT' else 255) -%}
  {%- endif -%}
{%- endmacro %}
