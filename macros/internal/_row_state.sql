{#- What decides a row's answers, as one hash. Each input is hashed by itself, so that no two rows share a state by where a text ends. -#}
{% macro _row_state(inputs, signature) %}
  {%- set parts = [dbt_ai._uncut(dbt_ai._string_literal(signature))] -%}
  {%- for column in inputs -%}
    {%- do parts.append("coalesce(" ~ dbt_ai._text_hash(column) ~ ", 'null')") -%}
  {%- endfor -%}
  {{ return(dbt_ai._text_hash(dbt_ai._concatenation(parts))) }}
{% endmacro %}

{#- The hash of a SQL expression as text; NULL of NULL. Not dbt.hash, which on SQL Server sees 8,000 characters and takes NULL for ''. -#}
{% macro _text_hash(expression) %}
  {{ return(adapter.dispatch('_text_hash', 'dbt_ai')(expression)) }}
{% endmacro %}

{% macro default___text_hash(expression) %}
  {{ return('md5(cast(' ~ expression ~ ' as ' ~ dbt.type_string() ~ '))') }}
{% endmacro %}

{#- The calls of the model being compiled: what its Jinja renders to, but for the names of relations, and what decides the answers of
    the external models it uses. An edit of its SQL is not among them. The model is rendered whole, so that what it sets stands in its calls. -#}
{% macro _calls_signature() %}
  {%- set text = "'(?:[^'\\\\]|\\\\.)*'" ~ '|"(?:[^"\\\\]|\\\\.)*"' ~ "|[^{}'\"]" -%}
  {#- Braces inside of an expression are balanced: {'type': {'type': 'string'}}. -#}
  {%- set inside = namespace(pattern=text) -%}
  {%- for _ in range(8) -%}{%- set inside.pattern = text ~ '|[{](?:' ~ inside.pattern ~ ')*[}]' -%}{%- endfor -%}
  {%- set expression = '[{][{](?!-?\\s*(?:ref|source|config|this|dbt_ai[.]_every_row)\\b)-?((?:' ~ inside.pattern ~ ')*?)-?[}][}]' -%}
  {%- set code = modules.re.sub('(?s)[{]#.*?#[}]', '', model.raw_code) | replace('ai_changed_rows(', '_every_row(') -%}
  {%- set rendered = render(modules.re.sub(expression, '\x01{' ~ '{\\1}' ~ '}\x02', code)) -%}
  {%- set parts, depth = [], namespace(now=0) -%}
  {%- for piece in modules.re.split('([\x01\x02])', rendered) -%}
    {%- if piece == '\x01' -%}{%- set depth.now = depth.now + 1 -%}
    {%- elif piece == '\x02' -%}{%- set depth.now = depth.now - 1 -%}
    {%- elif depth.now -%}{%- do parts.append(piece) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- for id in model.depends_on.nodes | sort if graph.nodes[id] and graph.nodes[id].config.materialized == 'external_model' -%}
    {%- do parts.append(dbt_ai._model_signature(graph.nodes[id].config.meta.dbt_ai)) -%}
  {%- endfor -%}
  {{ return(local_md5(parts | join('\n'))) }}
{% endmacro %}

{#- Not its credential, nor how its host is reached: a rotated key changes no answer. -#}
{% macro _model_signature(specification) %}
  {%- set place = dbt_ai._place_in_identity(specification) or modules.re.sub('^[a-z]+://|[?].*', '', specification.location or '') -%}
  {%- set decides = {'identity': specification.identity or place} -%}
  {%- for field in ['api_format', 'model_type', 'model', 'parameters', 'native'] -%}{%- do decides.update({field: specification[field]}) -%}{%- endfor -%}
  {{ return(tojson(decides, sort_keys=true)) }}
{% endmacro %}

{#- Stands for ai_changed_rows where only the calls of a model matter. -#}
{% macro _every_row(relation, unique_key, inputs, errors=[]) -%}
  {{ return(relation) }}
{%- endmacro %}

{% macro _has_row_states(relation) %}
  {%- set existing = load_relation(relation) -%}
  {%- if not existing or existing.is_view -%}{{ return(false) }}{%- endif -%}
  {%- for column in adapter.get_columns_in_relation(existing) if column.name | lower == 'dbt_ai_state' -%}
    {{ return(true) }}
  {%- endfor -%}
  {{ return(false) }}
{% endmacro %}
