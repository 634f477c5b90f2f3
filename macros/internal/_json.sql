{#- Whether requests that are more than a text are JSON, as the runtime takes them; not what the warehouse's own function takes. A request is
    written before its model is known, so that it follows what is set, else the models of the node, and on engines without such a function what
    they lack. -#}
{% macro _asks_in_json() %}
  {{ return(adapter.dispatch('_asks_in_json', 'dbt_ai')()) }}
{% endmacro %}

{% macro default___asks_in_json() %}
  {{ return(dbt_ai._way_that_is_set() == 'runtime' or dbt_ai._asks_the_runtime_alone()) }}
{% endmacro %}

{#- Whether every external model that the node reads is looked up, by what it asks of them where nothing is set. -#}
{% macro _asks_the_runtime_alone() %}
  {%- set ways = [] -%}
  {%- for id in model.depends_on.nodes if id in graph.nodes and graph.nodes[id].config.materialized == 'external_model' -%}
    {%- do ways.append(dbt_ai._is_looked_up_model(graph.nodes[id])) -%}
  {%- endfor -%}
  {{ return(ways | length > 0 and false not in ways) }}
{% endmacro %}

{#- A struct as compact JSON text, the same on every engine, since it is part of the key of an answer. -#}
{% macro _struct_as_json(fields) %}
  {%- set parts = [] -%}
  {%- for name, expression in fields.items() -%}
    {%- do parts.append(dbt_ai._string_literal(('{' if loop.first else ',') ~ tojson(name) ~ ':')) -%}
    {%- do parts.append('coalesce(' ~ dbt_ai._json_of(expression) ~ ', ' ~ dbt_ai._string_literal('null') ~ ')') -%}
  {%- endfor -%}
  {{ return(dbt_ai._concatenation(parts + [dbt_ai._string_literal('}')])) }}
{% endmacro %}

{#- A conversation as such. NULL where the user says nothing. -#}
{% macro _messages_as_json(messages, user) %}
  {%- set parts = [] -%}
  {%- for role, content in messages -%}
    {%- do parts.append(dbt_ai._string_literal(('{"messages":[' if loop.first else ',') ~ '{"role":"' ~ role ~ '","content":')) -%}
    {%- do parts.append(dbt_ai._json_of(content)) -%}
    {%- do parts.append(dbt_ai._string_literal('}' ~ (']}' if loop.last else ''))) -%}
  {%- endfor -%}
  {{ return(dbt_ai._unless_null(user, dbt_ai._concatenation(parts))) }}
{% endmacro %}

{#- A value as JSON text. -#}
{% macro _json_of(expression) %}
  {{ return(adapter.dispatch('_json_of', 'dbt_ai')(expression)) }}
{% endmacro %}

{% macro default___json_of(expression) %}
  {%- set text = namespace(sql='cast(' ~ expression ~ ' as ' ~ dbt.type_string() ~ ')') -%}
  {#- A backslash is an escape in the literals of some engines. -#}
  {%- for character, written in [(dbt_ai._string_literal('\\'), '\\\\'), (dbt_ai._string_literal('"'), '\\"'), ('chr(10)', '\\n')] -%}
    {%- set text.sql = 'replace(' ~ text.sql ~ ', ' ~ character ~ ', ' ~ dbt_ai._string_literal(written) ~ ')' -%}
  {%- endfor -%}
  {%- set quote = dbt_ai._string_literal('"') -%}
  {{ return('(' ~ quote ~ ' || ' ~ text.sql ~ ' || ' ~ quote ~ ')') }}
{% endmacro %}
