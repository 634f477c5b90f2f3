{% macro postgres___vector_index_types() -%}
  {{ return({'types': {'hnsw': ['m', 'ef_construction'], 'ivfflat': ['lists']}, 'metrics': ['cosine', 'l2', 'inner_product']}) }}
{%- endmacro %}

{#- The comment of an index says what it was made with, and for how many rows: a table that is replaced has none and gets one, a table that stays
    keeps its index until the options change, or, with ivfflat, whose lists are those of the rows it was made from, until there are twice or half
    as many rows. The name of an index tells tables apart, since a table that is being replaced still has its own. -#}
{% macro postgres___vector_index_statements(index, relation) -%}
  {%- set place = dbt_ai._string_literal(relation.include(database=false) | string) ~ '::regclass' -%}
  {%- set column = dbt_ai._postgres_vector_column(index, relation, place) -%}
  {%- if column.rows == 0 -%}{{ return('') }}{%- endif -%}
  {%- set lists = index.get('lists') or [column.rows // 1000, 10] | max -%}
  {%- set options = {'hnsw': {'m': index.get('m', 16), 'ef_construction': index.get('ef_construction', 64)}, 'ivfflat': {'lists': lists}}[index.type] -%}
  {%- set asked = {'column': index.column, 'type': index.type, 'metric': index.metric, 'dimensions': column.dimensions} -%}
  {%- if index.type == 'hnsw' or index.get('lists') -%}{%- do asked.update(options) -%}{%- endif -%}
  {%- set made = run_query("select i.oid::regclass::text, obj_description(i.oid, 'pg_class') from pg_index x join pg_class i on i.oid = x.indexrelid where x.indrelid = "
        ~ place ~ " and obj_description(i.oid, 'pg_class') like 'dbt_ai vector_index %'").rows -%}
  {%- set statements = [] -%}
  {%- for name, comment in made -%}
    {%- set state = fromjson(comment[20:]) -%}
    {%- if state.options == asked and (index.type == 'hnsw' or (column.rows < 2 * state.rows and 2 * column.rows > state.rows)) -%}{{ return('') }}{%- endif -%}
    {%- do statements.append('drop index ' ~ name) -%}
  {%- endfor -%}
  {%- if column.alter -%}
    {%- do statements.append('alter table ' ~ relation ~ ' alter column ' ~ index.column ~ ' type vector(' ~ column.dimensions ~ ')') -%}
  {%- endif -%}
  {%- if index.get('maintenance_work_mem') -%}
    {%- do statements.append('set local maintenance_work_mem = ' ~ dbt_ai._string_literal(index.maintenance_work_mem)) -%}
  {%- endif -%}
  {%- set operators = {'cosine': 'vector_cosine_ops', 'l2': 'vector_l2_ops', 'inner_product': 'vector_ip_ops'}[index.metric] -%}
  {%- set name = 'dbt_ai_' ~ local_md5(tojson(asked, sort_keys=true) ~ column.table) -%}
  {%- set written = [] -%}
  {%- for option, value in options.items() -%}{%- do written.append(option ~ ' = ' ~ value) -%}{%- endfor -%}
  {%- do statements.append('create index ' ~ name ~ ' on ' ~ relation ~ ' using ' ~ index.type ~ ' (' ~ index.column ~ ' ' ~ operators ~ ') with (' ~ written | join(', ') ~ ')') -%}
  {%- do statements.append('comment on index ' ~ relation.incorporate(path={'identifier': name}).include(database=false) ~ ' is '
        ~ dbt_ai._string_literal('dbt_ai vector_index ' ~ tojson({'options': asked, 'rows': column.rows}))) -%}
  {{ return(statements | join(';\n')) }}
{%- endmacro %}

{#- The table's oid, its rows with a vector, their dimensions, and whether the column has to be told how long they are: pgvector indexes columns of
    one length only. -#}
{% macro _postgres_vector_column(index, relation, place) -%}
  {%- set found = run_query('select attrelid::bigint, format_type(atttypid, atttypmod) from pg_attribute where attrelid = ' ~ place ~ ' and not attisdropped and attname = '
        ~ dbt_ai._string_literal(index.column | lower)).rows -%}
  {%- set type = found[0][1] if found else 'no column' -%}
  {%- if not modules.re.match('vector($|[(])', type) -%}
    {% do exceptions.raise_compiler_error(model.unique_id ~ ": vector_index: column '" ~ index.column ~ "' of " ~ relation ~ ' is ' ~ type ~ '; give a column of type vector, as ai_embed makes it') %}
  {%- endif -%}
  {%- set counted = run_query('select count(' ~ index.column ~ '), min(vector_dims(' ~ index.column ~ ')), max(vector_dims(' ~ index.column ~ ')) from ' ~ relation).rows[0] -%}
  {%- if counted[1] != counted[2] -%}
    {% do exceptions.raise_compiler_error(model.unique_id ~ ": vector_index: column '" ~ index.column ~ "' holds vectors of " ~ counted[1] ~ ' and of ' ~ counted[2] ~ ' dimensions; an index has one length: build the model with --full-refresh') %}
  {%- elif counted[1] is not none and counted[1] | int > 2000 -%}
    {% do exceptions.raise_compiler_error(model.unique_id ~ ": vector_index: column '" ~ index.column ~ "' has " ~ counted[1] ~ " dimensions and pgvector indexes at most 2000; set parameters={'dimensions': …} of the external model, or leave vector_index out") %}
  {%- endif -%}
  {{ return({'table': found[0][0] | string, 'rows': counted[0] | int, 'dimensions': (counted[1] or 0) | int, 'alter': type == 'vector'}) }}
{%- endmacro %}
