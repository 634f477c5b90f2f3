{#- The name of what stands for an external model where the warehouse brings its own models: a literal string as it is, or what
    native={…} says for this engine. -#}
{% macro _native_model(external_model, engine, code='AI025', instead=none) %}
  {%- if external_model.literal -%}{{ return(external_model.name) }}{%- endif -%}
  {%- set named = (external_model.native or {}).get(engine) -%}
  {%- if not named and execute -%}
    {% do exceptions.raise_compiler_error(code ~ ": external model '" ~ external_model.name ~ "' names no model of " ~ engine ~ "; "
        ~ (instead or "add native={'" ~ engine ~ "': '…'} to its create_external_model, or give the warehouse's own name as a string")) %}
  {%- endif -%}
  {{ return(named or 'model') }}
{% endmacro %}

{#- Parameters of a call where the warehouse brings its own model. What create_external_model sets for an embedding model, such as
    dimensions, belongs to the model that is replaced; a chat model's (temperature, max_tokens) belong to the question. -#}
{% macro _native_parameters(external_model, parameters) %}
  {%- set merged = dict((external_model.parameters or {}) if external_model.model_type != 'EMBEDDINGS' else {}) -%}
  {%- do merged.update(parameters or {}) -%}
  {{ return(merged) }}
{% endmacro %}

{#- Constant messages and the row's own input as one prompt, for engines whose function takes a text. -#}
{% macro _prompt(messages, input) %}
  {%- if not messages -%}{{ return(input) }}{%- endif -%}
  {%- set parts = [] -%}
  {%- for message in messages -%}
    {%- do parts.append({'user': 'Input: ', 'assistant': 'Answer: '}.get(message.role, '') ~ message.content) -%}
  {%- endfor -%}
  {#- The last message of the user goes on with the input. -#}
  {%- set begun = messages[-1].role == 'user' -%}
  {%- set before = dbt_ai._string_literal((parts | join('\n\n')) ~ ('' if begun else '\n\nInput: ')) -%}
  {%- set after = dbt_ai._string_literal('\n\nAnswer: ') -%}
  {%- set shown = messages | selectattr('role', 'equalto', 'assistant') | list -%}
  {{ return(dbt_ai._concatenation([before, dbt_ai._uncut('(' ~ input ~ ')')] + ([after] if shown else []))) }}
{% endmacro %}

{#- NULL in, NULL out, and no call. -#}
{% macro _unless_null(input, expression) %}
  {{ return('case when (' ~ input ~ ') is not null then ' ~ expression ~ ' end') }}
{% endmacro %}
