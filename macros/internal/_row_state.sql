{#- What decides a row's answers, as one hash. Each input is hashed by itself, so that no two rows share a state by where a text ends. -#}
{% macro _row_state(inputs, signature) %}
  {%- set parts = [dbt_ai._string_literal(signature)] -%}
  {%- for column in inputs -%}
    {%- do parts.append("coalesce(" ~ dbt.hash(column) | trim ~ ", 'null')") -%}
  {%- endfor -%}
  {{ return(dbt.hash(dbt.concat(parts)) | trim) }}
{% endmacro %}

{#- The calls of the model being compiled: what its Jinja renders to, but for the names of relations, and the external models it uses.
    An edit of its SQL is not among them. -#}
{% macro _calls_signature() %}
  {%- set parts = [] -%}
  {%- for expression in modules.re.findall('[{][{]-?(.*?)-?[}][}]', model.raw_code, modules.re.DOTALL) -%}
    {%- if 'ai_changed_rows' not in expression and not modules.re.match('[ \n]*(ref|source|config|this)[^a-z_]', expression ~ ' ') -%}
      {%- do parts.append(render('{' ~ '{' ~ expression ~ '}' ~ '}')) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- for id in model.depends_on.nodes | sort if graph.nodes[id] and graph.nodes[id].config.materialized == 'external_model' -%}
    {%- do parts.append(tojson(graph.nodes[id].config.meta.dbt_ai, sort_keys=true)) -%}
  {%- endfor -%}
  {{ return(local_md5(parts | join('\n'))) }}
{% endmacro %}

{% macro _has_row_states(relation) %}
  {%- set existing = load_relation(relation) -%}
  {%- if not existing or existing.is_view -%}{{ return(false) }}{%- endif -%}
  {%- for column in adapter.get_columns_in_relation(existing) if column.name | lower == 'dbt_ai_state' -%}
    {{ return(true) }}
  {%- endfor -%}
  {{ return(false) }}
{% endmacro %}
