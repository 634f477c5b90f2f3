{#- A graph of usearch beside the database: the HNSW index of DuckDB's vss extension can make a database unopenable
    (https://github.com/duckdb/duckdb-vss/issues/81). What ai_search looks for is cosine, so no other metric has a use. -#}
{% macro duckdb___vector_index_types() -%}
  {%- if dbt_ai._duckdb_looks_up() -%}
    {{ return(dbt_ai.default___vector_index_types()) }}
  {%- endif -%}
  {{ return({'types': {'hnsw': ['m', 'ef_construction', 'ef_search']}, 'metrics': ['cosine']}) }}
{%- endmacro %}

{#- The index knows vectors by DuckDB's hash of them. It is asked what it lacks, and given that; dbt_ai/engines/duckdb_vector_index.py. -#}
{% macro duckdb___vector_index_statements(index, relation) -%}
  {%- do dbt_ai._duckdb_require_plugin() -%}
  {%- do dbt_ai._duckdb_require_vectors(index.column, relation) -%}
  {%- set vector = adapter.quote(index.column) -%}
  {%- set begun = dbt_ai._duckdb_index_answer("select dbt_ai_index_begin(" ~ dbt_ai._duckdb_index_specification(model, relation, index)
        ~ ", list(distinct hash(" ~ vector ~ ")), count(*), cast(sum(hash(" ~ vector ~ ")) as varchar), min(len(" ~ vector ~ ")), max(len(" ~ vector ~ ")), current_setting('threads')) from "
        ~ relation ~ " where " ~ vector ~ " is not null") -%}
  {%- if begun.number is defined -%}
    {%- do run_query("select sum(dbt_ai_index_add(" ~ begun.number ~ ", hash(" ~ vector ~ "), cast(" ~ vector ~ " as float[]))) from " ~ relation ~ " where " ~ vector ~ " is not null") -%}
    {%- set begun = dbt_ai._duckdb_index_answer("select dbt_ai_index_end(" ~ begun.number ~ ")") -%}
  {%- endif -%}
  {%- if begun.warning is defined -%}
    {%- do exceptions.warn(model.unique_id ~ ': ' ~ begun.warning) -%}
  {%- else -%}
    {%- do log(begun.message, info=true) -%}
  {%- endif -%}
{%- endmacro %}

{% macro _duckdb_require_vectors(name, relation) -%}
  {%- set found = namespace(type='no column') -%}
  {%- for column in adapter.get_columns_in_relation(relation) if column.name | lower == name | lower -%}{%- set found.type = column.data_type -%}{%- endfor -%}
  {%- if not modules.re.match('[A-Z0-9]+([(][0-9,]*[)])?.[0-9]*[]]$', found.type) -%}
    {% do exceptions.raise_compiler_error(model.unique_id ~ ": vector_index: column '" ~ name ~ "' of " ~ relation ~ ' is ' ~ found.type ~ '; give a column of vectors, as ai_embed makes it') %}
  {%- endif -%}
{%- endmacro %}

{#- The column that has an index, and of which dbt model. -#}
{% macro _duckdb_index_specification(node, relation, index) -%}
  {{ return(dbt_ai._string_literal(tojson({'relation': relation.schema ~ '.' ~ relation.identifier, 'project': project_name, 'model': node.unique_id, 'index': index}))) }}
{%- endmacro %}

{% macro _duckdb_index_answer(sql) -%}
  {%- set answer = fromjson(run_query(sql).columns[0][0]) -%}
  {%- if answer.error is defined -%}
    {% do exceptions.raise_compiler_error(model.unique_id ~ ': ' ~ answer.error) %}
  {%- endif -%}
  {{ return(answer) }}
{%- endmacro %}

{#- An index goes with its model: when the model is gone from the project, or asks for none any more. -#}
{% macro _duckdb_forget_indexes() -%}
  {%- set columns = {} -%}
  {%- for node in graph.nodes.values() if node.config.get('vector_index') is mapping -%}
    {%- do columns.update({node.unique_id: node.config.vector_index.get('column')}) -%}
  {%- endfor -%}
  {%- do run_query("select dbt_ai_index_forget(" ~ dbt_ai._string_literal(project_name) ~ ", " ~ dbt_ai._string_literal(tojson(columns)) ~ ")") -%}
{%- endmacro %}
