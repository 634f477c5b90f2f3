{#- Tells the runtime what this run builds, so that real answers are never added to mock ones; see dbt_ai/mock_relations.py. -#}
{% macro duckdb___begin_run() %}
  {%- if dbt_ai._duckdb_looks_up() -%}
    {{ return(dbt_ai.default___begin_run()) }}
  {%- endif -%}
  {%- if 'dbt_ai' in (target.plugins or []) | map(attribute='module') -%}
    {%- do dbt_ai._duckdb_forget_indexes() -%}
    {%- set nodes, asking = [], [] -%}
    {%- for node in graph.nodes.values() if node.resource_type in ('model', 'snapshot') -%}
      {%- set asks = dbt_ai._asks(node) -%}
      {%- if asks -%}{%- do asking.append(node) -%}{%- endif -%}
      {%- set refreshes = node.config.full_refresh if node.config.full_refresh is not none else flags.FULL_REFRESH -%}
      {%- do nodes.append({
            'id': node.unique_id, 'relation': [node.database or target.database, node.schema, node.alias or node.name],
            'materialized': node.config.materialized, 'parents': node.depends_on.nodes, 'asks': asks,
            'selected': node.unique_id in selected_resources,
            'full_refresh': refreshes | as_bool and node.resource_type == 'model'}) -%}
    {%- endfor -%}
    {%- if asking -%}
      {%- for warning in dbt_ai._duckdb_catalog('begin_run', {'invocation': invocation_id, 'nodes': nodes}) -%}
        {% do exceptions.warn(warning) %}
      {%- endfor -%}
      {%- if dbt_ai._duckdb_catalog('has_no_answers', {}) -%}{%- do dbt_ai._warn_of_emptied_store(asking) -%}{%- endif -%}
    {%- endif -%}
  {%- else -%}
    {%- do dbt_ai.default___begin_run() -%}
  {%- endif -%}
{% endmacro %}

{% macro duckdb___end_run() %}
  {%- if dbt_ai._duckdb_looks_up() -%}
    {{ return(dbt_ai.default___end_run()) }}
  {%- endif -%}
  {%- if 'dbt_ai' in (target.plugins or []) | map(attribute='module') -%}
    {%- set built = [] -%}
    {%- for result in results if result.status == 'success' -%}{%- do built.append(result.node.unique_id) -%}{%- endfor -%}
    {%- do dbt_ai._duckdb_catalog('end_run', {'invocation': invocation_id, 'built': built}) -%}
  {%- endif -%}
{% endmacro %}

{#- A test with `where` gets a subquery for its relation. -#}
{% macro duckdb___holds_mock_answers(relation) -%}
  {%- if 'dbt_ai' not in (target.plugins or []) | map(attribute='module') -%}{{ return(false) }}{%- endif -%}
  {%- set parts = modules.re.search('"([^"]+)"[.]"([^"]+)"[.]"([^"]+)"', relation | string) -%}
  {{ return(parts and dbt_ai._duckdb_catalog('holds_mock', {'invocation': invocation_id, 'relation': parts.groups() | list})) }}
{%- endmacro %}
