{#- One answer to all texts of a group: an aggregate function, as sum() is. Texts that do not fit into the model's context together are
    answered in parts, and then the answers; their order does not matter, and none is truncated. NULL where the group has no text.
    instructions: constant text, such as 'What do customers complain about?'. -#}
{% macro ai_agg(model, content, instructions, fail_on_error=true, model_parameters={}) -%}
  {%- do dbt_ai._require_expression('ai_agg', 'content', content) -%}
  {%- do dbt_ai._require_text('ai_agg', 'instructions', instructions, 'What do customers complain about?') -%}
  {{ return(dbt_ai._aggregated('ai_agg', dbt_ai._external_model(model, 'CHAT', 'ai_agg'), content, dbt_ai.ai_agg_prompt(instructions), fail_on_error, model_parameters)) }}
{%- endmacro %}

{#- The SQL expression of one aggregate. messages: constant chat messages that come before every part. -#}
{% macro _aggregated(function, external_model, content, messages, fail_on_error, model_parameters) -%}
  {%- do dbt_ai._require_constants(function, fail_on_error, model_parameters) -%}
  {%- if external_model.looked_up -%}
    {{ return(dbt_ai._looked_up_aggregate(function, external_model, content, messages, fail_on_error, model_parameters)) }}
  {%- endif -%}
  {{ return(adapter.dispatch('_aggregated', 'dbt_ai')(function, external_model, content, messages, fail_on_error, model_parameters)) }}
{%- endmacro %}

{% macro default___aggregated(function, external_model, content, messages, fail_on_error, model_parameters) -%}
  {{ dbt_ai._unsupported(function, 'AI001', "the functions of this warehouse take one text: let the runtime answer it, with config(meta={'dbt_ai': {'way': 'runtime'}})") }}
{%- endmacro %}
