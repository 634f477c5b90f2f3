{# The statements that make the index which config(vector_index={…}) of a model asks for; nothing where it has that index already. An ai_table runs
   them by itself; other materializations by `post_hook="{{ dbt_ai.ai_vector_index() }}"`. docs/search.md says what the configuration has. #}
{% macro ai_vector_index() -%}
  {%- if not execute or model.resource_type not in ['model', 'snapshot'] -%}{{ return('') }}{%- endif -%}
  {%- if config.get('vector_index') is none -%}
    {% do exceptions.raise_compiler_error('ai_vector_index: ' ~ model.unique_id ~ " says no vector_index; write config(vector_index={'column': 'embedding'})") %}
  {%- endif -%}
  {%- do dbt_ai._require_vector_index() -%}
  {{ return(adapter.dispatch('_vector_index_statements', 'dbt_ai')(dbt_ai._vector_index_options(config.get('vector_index')), this)) }}
{%- endmacro %}

{#- The statements that make an index of a relation, or '' where there is nothing to do. -#}
{% macro default___vector_index_statements(index, relation) -%}
{%- endmacro %}

{#- Refuse an index that cannot be made, before anything is paid for the table. -#}
{% macro _require_vector_index() -%}
  {%- do dbt_ai._vector_index_options(config.get('vector_index')) -%}
{%- endmacro %}

{#- What the configuration may say on this engine: the options of each type, those of every type, and the metrics. -#}
{% macro default___vector_index_types() -%}
  {{ dbt_ai._unsupported('vector_index', 'AI034', 'dbt_ai makes vector indexes on DuckDB with the plugin, on Postgres, BigQuery and SQL Server: leave vector_index out here; where ai_search works it compares every row') }}
{%- endmacro %}

{#- The post-hooks of an ai_table, with the index after them. -#}
{% macro _hooks_with_index(hooks) -%}
  {%- if config.get('vector_index') is none -%}{{ return(hooks) }}{%- endif -%}
  {%- do dbt_ai._require_vector_index() -%}
  {{ return(hooks + [{'sql': '{{ dbt_ai.ai_vector_index() }}', 'transaction': true}]) }}
{%- endmacro %}

{#- A configuration that nothing reads is a mistake. -#}
{% macro _require_index_hooks() -%}
  {%- for node in graph.nodes.values() if node.unique_id in selected_resources and node.config.get('vector_index') is not none
        and node.config.materialized != 'ai_table' and 'ai_vector_index' not in node.config.get('post-hook', []) | string -%}
    {% do exceptions.raise_compiler_error(node.unique_id ~ ': vector_index is set and nothing makes the index; add post_hook="{{ dbt_ai.ai_vector_index() }}", or use ai_table') %}
  {%- endfor -%}
{%- endmacro %}

{#- The configuration with every option that is not given. Options of another engine are passed over: one configuration stands for all. -#}
{% macro _vector_index_options(index) -%}
  {%- set engine = adapter.dispatch('_vector_index_types', 'dbt_ai')() -%}
  {%- set who = model.unique_id ~ ': vector_index' -%}
  {%- if index is not mapping or index.get('column') is not string -%}
    {% do exceptions.raise_compiler_error(who ~ ' is ' ~ index ~ "; write {'column': 'embedding'}, and what differs from metric 'cosine' and type '" ~ engine.types.keys() | first ~ "'") %}
  {%- endif -%}
  {%- set type = index.get('type', engine.types.keys() | first) -%}
  {%- set metric = index.get('metric', 'cosine') -%}
  {%- if type not in engine.types -%}
    {% do exceptions.raise_compiler_error(who ~ " has type '" ~ type ~ "'; use " ~ engine.types.keys() | join(' or ')) %}
  {%- elif metric not in engine.metrics -%}
    {% do exceptions.raise_compiler_error(who ~ " has metric '" ~ metric ~ "'; use cosine, which ai_search orders by" ~ (', ' ~ engine.metrics[1:] | join(' or ') if engine.metrics[1:] else '')) %}
  {%- endif -%}
  {%- set numbers = ['m', 'ef_construction', 'ef_search', 'lists'] -%}
  {%- set elsewhere = [] -%}
  {%- if type == 'hnsw' or index.get('type') is none -%}{%- do elsewhere.extend(['m', 'ef_construction', 'ef_search']) -%}{%- endif -%}
  {%- for name, value in index.items() -%}
    {%- if name not in ['column', 'type', 'metric', 'maintenance_work_mem'] + engine.types[type] + elsewhere -%}
      {% do exceptions.raise_compiler_error(who ~ " has '" ~ name ~ "', which " ~ type ~ ' does not know; use column, type, metric, maintenance_work_mem, ' ~ engine.types[type] | join(', ')) %}
    {%- elif name in numbers and (value is not integer or value is boolean or value < 1) -%}
      {% do exceptions.raise_compiler_error(who ~ ' has ' ~ name ~ ' ' ~ value ~ '; give a number from 1') %}
    {%- elif name == 'maintenance_work_mem' and not modules.re.match('[0-9]+ ?(kB|MB|GB)$', value | string) -%}
      {% do exceptions.raise_compiler_error(who ~ ' has maintenance_work_mem ' ~ value ~ "; give an amount of memory, such as '1GB'") %}
    {%- endif -%}
  {%- endfor -%}
  {{ return(dict({'type': type, 'metric': 'cosine'}, **index)) }}
{%- endmacro %}
