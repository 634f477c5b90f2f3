{#- One of the labels, or with multi_label all that fit, as an array.
    labels: a list of names, or a mapping from names to descriptions. examples: pairs of a text and its label, or its labels.
    With probabilities: STRUCT<label, confidence, probabilities> of the probability of each label.
    effort: a proxy may answer in the model's place, as far as a share of all rows is answered as the model answers them. -#}
{% macro ai_classify(model, content, labels, instructions=none, examples=[], multi_label=false, fail_on_error=true, model_parameters={}, probabilities=false, effort=none) -%}
  {%- do dbt_ai._require_expression('ai_classify', 'content', content) -%}
  {%- do dbt_ai._require_names('ai_classify', 'labels', labels, 2, 500) -%}
  {%- if instructions is not none -%}{%- do dbt_ai._require_text('ai_classify', 'instructions', instructions, 'Judge the tone only.') -%}{%- endif -%}
  {%- if probabilities not in [true, false] -%}
    {% do exceptions.raise_compiler_error('ai_classify: probabilities ' ~ probabilities ~ ' is not a constant; give true or false') %}
  {%- endif -%}
  {%- if multi_label not in [true, false] -%}
    {% do exceptions.raise_compiler_error('ai_classify: multi_label ' ~ multi_label ~ ' is not a constant; give true or false') %}
  {%- endif -%}
  {%- do dbt_ai._require_pairs('ai_classify', examples) -%}
  {%- for text, answer in examples -%}
    {%- if (answer is string) == multi_label -%}
      {% do exceptions.raise_compiler_error("ai_classify: the example '" ~ text ~ "' is labelled " ~ answer ~ '; give ' ~ ('a list of labels' if multi_label else 'one label')) %}
    {%- endif -%}
    {%- for label in ([answer] if answer is string else answer) if label not in labels -%}
      {% do exceptions.raise_compiler_error("ai_classify: the example '" ~ text ~ "' is labelled '" ~ label ~ "', which is not among the labels") %}
    {%- endfor -%}
  {%- endfor -%}
  {%- if effort is not none -%}
    {%- do dbt_ai._require_effort('ai_classify', effort) -%}
    {%- if probabilities or multi_label -%}
      {% do exceptions.raise_compiler_error('ai_classify: effort is of one label without a probability; leave out ' ~ ('probabilities' if probabilities else 'multi_label')) %}
    {%- endif -%}
  {%- endif -%}
  {%- set external_model = dbt_ai._external_model(model, 'CHAT', 'ai_classify') -%}
  {%- if effort is not none -%}
    {%- set question = dbt_ai._classify_question(dbt_ai._external_model(effort.proxy, 'CHAT', 'ai_classify'), labels, instructions, examples) if effort.proxy is defined else none -%}
    {{ return(dbt_ai._answer('ai_classify', external_model, content, fail_on_error, model_parameters,
         messages=dbt_ai.ai_classify_prompt(labels, instructions, examples, false), return_type=dbt_ai._enum(labels),
         effort=dbt_ai._effort(effort, 'ai_classify', question))) }}
  {%- endif -%}
  {%- if probabilities -%}
    {{ return(dbt_ai._classify_by_probabilities(external_model, content, labels, instructions, examples, multi_label, fail_on_error, model_parameters)) }}
  {%- endif -%}
  {%- if external_model.looked_up -%}
    {{ return(dbt_ai.default__ai_classify(external_model, content, labels, instructions, examples, multi_label, fail_on_error, model_parameters)) }}
  {%- endif -%}
  {{ return(adapter.dispatch('ai_classify', 'dbt_ai')(external_model, content, labels, instructions, examples, multi_label, fail_on_error, model_parameters)) }}
{%- endmacro %}

{% macro default__ai_classify(external_model, content, labels, instructions, examples, multi_label, fail_on_error, model_parameters) -%}
  {%- set type = dbt_ai._enum(labels) -%}
  {{ return(dbt_ai._answer('ai_classify', external_model, content, fail_on_error, model_parameters,
       messages=dbt_ai.ai_classify_prompt(labels, instructions, examples, multi_label),
       return_type='ARRAY<' ~ type ~ '>' if multi_label else type)) }}
{%- endmacro %}

{% macro _classify_by_probabilities(external_model, content, labels, instructions, examples, multi_label, fail_on_error, model_parameters) -%}
  {%- if multi_label -%}
    {% do exceptions.raise_compiler_error('ai_classify: probabilities are of labels of which one fits; leave out multi_label, or ask ai_filter with probabilities=true for each label') %}
  {%- endif -%}
  {%- set asked = dbt_ai._classify_question(external_model, labels, instructions, examples) -%}
  {{ return(dbt_ai._answer(asked.function, external_model, content, fail_on_error, model_parameters,
       messages=asked.messages, return_type=asked.return_type, questions=asked.questions)) }}
{%- endmacro %}

{#- What a model is asked for the probability of each label. -#}
{% macro _classify_question(external_model, labels, instructions, examples) -%}
  {%- do dbt_ai._require_choices(external_model, 'ai_classify with probabilities', 'labels', labels) -%}
  {%- if external_model.model_type == 'DECISIONS' -%}
    {%- set asked, messages = dbt_ai._with_examples(instructions, examples), [] -%}
    {%- set question = dbt_ai._choice_question(labels, asked, external_model) -%}
  {%- else -%}
    {%- set question = dbt_ai._choice_question(labels, instructions, external_model) -%}
    {%- set messages = dbt_ai.ai_classify_probabilities_prompt(question.choices, question.written, instructions, examples) -%}
  {%- endif -%}
  {{ return({'function': 'ai_classify_probabilities', 'external_model': external_model, 'messages': messages,
       'return_type': dbt_ai._choice_type(), 'questions': [question]}) }}
{%- endmacro %}

{#- A decision model reads no conversation: examples are part of what it is told. -#}
{% macro _with_examples(instructions, examples) -%}
  {%- set lines = [instructions] if instructions else [] -%}
  {%- for text, answer in examples -%}{%- do lines.append('Example: ' ~ tojson(text) ~ ' is ' ~ answer) -%}{%- endfor -%}
  {{ return(lines | join('\n')) }}
{%- endmacro %}
