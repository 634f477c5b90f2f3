{#- Tells the runtime what this run builds, so that real answers are never added to mock ones; see dbt_ai/mock_relations.py. -#}
{% macro duckdb___begin_run() %}
  {%- if dbt_ai._duckdb_looks_up() -%}
    {{ return(dbt_ai.default___begin_run()) }}
  {%- endif -%}
  {%- if 'dbt_ai' in (target.plugins or []) | map(attribute='module') -%}
    {%- do dbt_ai._duckdb_forget_indexes() -%}
    {%- set nodes = dbt_ai._nodes_of_run(by_functions=true) -%}
    {%- set asking = nodes | selectattr('asks') | map(attribute='id') | list -%}
    {%- if asking -%}
      {%- do dbt_ai._warn_of_mock_answers(dbt_ai._duckdb_catalog('begin_run', {'invocation': invocation_id, 'nodes': nodes, 'names': dbt_ai._names_for_budgets()})) -%}
      {%- if dbt_ai._duckdb_catalog('has_no_answers', {}) -%}{%- do dbt_ai._warn_of_emptied_store(dbt_ai._nodes_of(asking)) -%}{%- endif -%}
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
    {%- do dbt_ai._duckdb_catalog('end_run', {'invocation': invocation_id, 'built': dbt_ai._built()}) -%}
  {%- endif -%}
{% endmacro %}

{% macro duckdb___holds_mock_answers(relation) -%}
  {%- if dbt_ai._duckdb_looks_up() -%}{{ return(dbt_ai.default___holds_mock_answers(relation)) }}{%- endif -%}
  {%- if 'dbt_ai' not in (target.plugins or []) | map(attribute='module') -%}{{ return(false) }}{%- endif -%}
  {{ return(dbt_ai._duckdb_catalog('holds_mock', {'invocation': invocation_id, 'relation': dbt_ai._parts_of(relation)})) }}
{%- endmacro %}
