{#- What a call says besides its model and input, as the JSON that the runtime of Databend and Spark takes; '' where it says nothing. -#}
{% macro _call_json(function, parameters={}, messages=[], return_type=none, response_format=none, fail_on_error=true, json=false, questions=none) %}
  {%- set call = {} -%}
  {%- if function not in ('ai_query', 'ai_embed') -%}{%- do call.update({'function': function}) -%}{%- endif -%}
  {%- if parameters -%}{%- do call.update({'parameters': parameters}) -%}{%- endif -%}
  {%- if messages -%}{%- do call.update({'messages': messages}) -%}{%- endif -%}
  {%- if return_type -%}{%- do call.update({'return_type': return_type}) -%}{%- endif -%}
  {%- if response_format -%}{%- do call.update({'response_format': response_format}) -%}{%- endif -%}
  {%- if questions -%}{%- do call.update({'questions': questions}) -%}{%- endif -%}
  {%- if json -%}{%- do call.update({'request_format': 'json'}) -%}{%- endif -%}
  {%- if not fail_on_error -%}{%- do call.update({'fail_on_error': false}) -%}{%- endif -%}
  {{ return(tojson(call) if call else '') }}
{% endmacro %}

{#- On an engine whose runtime is reached by the model's name, the model must be one of the project's. -#}
{% macro _runtime_model(function, external_model) %}
  {%- if external_model.literal -%}
    {% do exceptions.raise_compiler_error(function ~ ": '" ~ external_model.name ~ "' is a string, which names an endpoint of the warehouse itself, and " ~ target.type ~ " has none; give ref('…') of an external model") %}
  {%- endif -%}
  {{ return(external_model.name) }}
{% endmacro %}
