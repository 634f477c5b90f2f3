{#- The constant that a compiled call carries: everything about its requests that is the same for every row. -#}
{% macro _call(function, external_model, parameters={}, extra={}) %}
  {%- set specification = {} -%}
  {%- for field in ['name', 'location', 'api_format', 'model_type', 'model', 'credential', 'parameters', 'identity', 'local_runtime_path'] if external_model.get(field) is not none -%}
    {%- do specification.update({field: external_model[field]}) -%}
  {%- endfor -%}
  {#- How its requests are sent: the node may say otherwise than the model does. -#}
  {%- set of_node = (config.get('meta') or {}).get('dbt_ai') or {} if config is defined else {} -%}
  {%- for field in ['execution', 'wait', 'batch_above'] -%}
    {%- set said = of_node.get(field, external_model.get(field)) -%}
    {%- if said is not none -%}{%- do specification.update({field: said}) -%}{%- endif -%}
  {%- endfor -%}
  {%- set call = {'function': function, 'model': specification, 'parameters': parameters} -%}
  {%- for name, value in extra.items() if value -%}{%- do call.update({name: value}) -%}{%- endfor -%}
  {%- if dbt_ai._in_unit_test() -%}{%- do call.update({'mock': true}) -%}{%- endif -%}
  {{ return(call) }}
{% endmacro %}

{#- MD5 of what decides the answers to a call: dbt_ai.keys.call_digest computes the same. -#}
{% macro _call_digest(call) %}
  {%- set model = call.model -%}
  {%- if call.get('mock') -%}{%- set model = dict(model, identity=none, api_format='Mock', location='mock:') -%}{%- endif -%}
  {%- set identity = [model.identity] if model.get('identity') else [model.api_format, model.model, dbt_ai._place_of(model.location)] -%}
  {%- set parameters = {} -%}
  {%- for given in [model.get('parameters') or {}, call.parameters or {}] -%}
    {%- do parameters.update(dbt_ai._model_parameters(given)) -%}
  {%- endfor -%}
  {#- The first says how a request is sent, the others where a local model computes. -#}
  {%- for name in ['sql_rest_options', 'device', 'on_device_lost', 'executor'] -%}{%- do parameters.pop(name, none) -%}{%- endfor -%}
  {%- set written = call.get('response_format') -%}
  {%- set response_format = {'text': none, 'json_object': '{"type": "object"}'}.get(written, written) -%}
  {%- set return_type = call.get('return_type') or response_format -%}
  {{ return(local_md5(dbt_ai._canonical(
       [2, call.function, identity, parameters, call.get('messages') or [], call.get('request_format') or 'text', response_format, return_type]
       + ([call.questions] if call.get('questions') else [])
       + ([dict(call.effort, proxy=dbt_ai._call_digest(call.effort.proxy))] if call.get('effort') else [])))) }}
{% endmacro %}

{#- A location without scheme and query, its host in lower case and with its port, unless the scheme implies it. -#}
{% macro _place_of(location) %}
  {%- set scheme = modules.re.match('([A-Za-z][A-Za-z0-9+.-]*):', location) -%}
  {%- set scheme = scheme.group(1) | lower if scheme else '' -%}
  {%- set bare = modules.re.sub('^[A-Za-z][A-Za-z0-9+.-]*:|[?#].*$', '', location) -%}
  {%- if not bare.startswith('//') -%}{{ return(bare) }}{%- endif -%}
  {%- set netloc = bare[2:].split('/')[0] -%}
  {%- set port = modules.re.search(':([0-9]+)$', netloc) -%}
  {%- set host = modules.re.sub('^.*@|:[0-9]*$', '', netloc) | lower -%}
  {%- set port = port.group(1) | int if port and scheme in ('http', 'https') else none -%}
  {%- set named = port is not none and port != {'http': 80, 'https': 443}[scheme] -%}
  {{ return((host ~ ':' ~ port if named else modules.re.sub('[][]', '', host)) ~ bare[2 + netloc | length:]) }}
{% endmacro %}
