{#- The policy `effort` of a call: a proxy may answer in the model's place, as far as its answers agree. dbt_ai.call_constant reads what this writes.
    question: what a smaller model is asked for the probabilities of its answers, with `function`, `messages`, `return_type` and `questions`. -#}
{% macro _effort(effort, function, question) %}
  {%- if not execute or dbt_ai._in_unit_test() -%}{{ return(none) }}{%- endif -%}
  {%- if effort.embedder is defined -%}
    {%- set proxy = dbt_ai._call('ai_embed', dbt_ai._external_model(effort.embedder, 'EMBEDDINGS', 'ai_embed')) -%}
    {%- do dbt_ai._require_model_type(function, 'embedder', proxy.model, ['EMBEDDINGS']) -%}
  {%- else -%}
    {%- set messages = [] if question.external_model.model_type == 'DECISIONS' else question.messages -%}
    {%- set proxy = dbt_ai._call(question.function, question.external_model, {},
          {'messages': messages, 'return_type': question.return_type, 'questions': question.questions}) -%}
    {%- do dbt_ai._require_model_type(function, 'proxy', proxy.model, ['CHAT', 'DECISIONS']) -%}
  {%- endif -%}
  {{ return({'agreement': effort.agreement, 'confidence': effort.confidence, 'proxy': proxy}) }}
{% endmacro %}

{#- Refuse a policy that cannot be kept, in one sentence that names the field and what it may be. -#}
{% macro _require_effort(function, effort) %}
  {%- set such_as = "{'agreement': 0.95, 'confidence': 0.95, 'embedder': ref('embedder')}" -%}
  {%- if effort is not mapping -%}
    {% do exceptions.raise_compiler_error(function ~ ': effort ' ~ effort ~ ' is not a mapping; write effort=' ~ such_as) %}
  {%- endif -%}
  {%- for field in effort if field not in ['agreement', 'confidence', 'embedder', 'proxy'] -%}
    {% do exceptions.raise_compiler_error(function ~ ': effort has ' ~ field ~ ', which is not known; give agreement, confidence, and embedder or proxy') %}
  {%- endfor -%}
  {%- for field, means in [('agreement', "the share of all rows that are answered as the model answers them"), ('confidence', 'the probability with which that holds')] -%}
    {%- if effort[field] is not number or effort[field] is boolean or not 0.5 <= effort[field] <= 0.999 -%}
      {% do exceptions.raise_compiler_error(function ~ ': effort: ' ~ field ~ ' ' ~ (effort[field] if field in effort else 'is missing and') ~ ' is not ' ~ means
          ~ '; give a number from 0.5 to 0.999') %}
    {%- endif -%}
  {%- endfor -%}
  {%- if (effort.embedder is defined) == (effort.proxy is defined) -%}
    {% do exceptions.raise_compiler_error(function ~ ': effort names ' ~ ('both an embedder and a proxy' if effort.proxy is defined else 'no proxy')
        ~ "; give either 'embedder': ref('…') of an embedding model, or 'proxy': ref('…') of a smaller model") %}
  {%- endif -%}
  {%- do dbt_ai._require_plan(function) -%}
{% endmacro %}

{#- Which rows are easy is known when all of them are: by the plan of a node. -#}
{% macro _require_plan(function) %}
  {%- if execute and model is defined and model.resource_type in ('model', 'snapshot') and model.config.materialized not in ('ai_table', 'ephemeral')
        and not (model.config.materialized in ('table', 'incremental', 'snapshot') and 'ai_prefetch' in model.config.get('pre-hook', []) | string) -%}
    {% do exceptions.raise_compiler_error(function ~ ': ' ~ model.unique_id ~ " is a " ~ model.config.materialized ~ ', whose rows are answered one at a time, so that effort'
        ~ " cannot tell which of them are easy; use materialized='ai_table', or a table with pre_hook=\"{{ dbt_ai.ai_prefetch() }}\"") %}
  {%- endif -%}
{% endmacro %}

{% macro _require_model_type(function, field, specification, types) %}
  {%- if specification.model_type not in types -%}
    {% do exceptions.raise_compiler_error(function ~ ': effort: ' ~ field ~ " '" ~ specification.name ~ "' is an external model of model_type " ~ specification.model_type
        ~ '; give one of model_type ' ~ types | join(' or ')) %}
  {%- endif -%}
{% endmacro %}

{#- The SQL expression of a call with effort. -#}
{% macro _effort_answer(function, external_model, input, fail_on_error, parameters, messages, return_type, effort) -%}
  {%- if external_model.looked_up -%}
    {{ return(dbt_ai._looked_up_answer(function, external_model, input, fail_on_error, parameters, messages, return_type, none, none, effort)) }}
  {%- endif -%}
  {{ return(adapter.dispatch('_effort_answer', 'dbt_ai')(function, external_model, input, fail_on_error, parameters, messages, return_type, effort)) }}
{%- endmacro %}

{% macro default___effort_answer(function, external_model, input, fail_on_error, parameters, messages, return_type, effort) -%}
  {{ dbt_ai._unsupported('effort of ' ~ function, 'AI042', "its functions answer each row by itself: config(meta={'dbt_ai': {'way': 'runtime'}}) has the dbt_ai runtime see all"
       ~ ' rows of a model before it asks') }}
{%- endmacro %}
