{# The statements that make the index which config(vector_index={…}) of a model asks for; nothing where it has that index already. An ai_table runs
   them by itself; other materializations by `post_hook="{{ dbt_ai.ai_vector_index() }}"`. docs/search.md says what the configuration has. #}
{% macro ai_vector_index() -%}
  {%- if not execute or model.resource_type not in ['model', 'snapshot'] -%}{{ return('') }}{%- endif -%}
  {%- if config.get('vector_index') is none -%}
    {% do exceptions.raise_compiler_error('ai_vector_index: ' ~ model.unique_id ~ " says no vector_index; write config(vector_index={'column': 'embedding'})") %}
  {%- endif -%}
  {%- do dbt_ai._require_vector_index() -%}
  {{ return(dbt_ai._postgres_vector_index(dbt_ai._vector_index_options(config.get('vector_index')), this)) }}
{%- endmacro %}

{#- Refuse an index that cannot be made, before anything is paid for the table. -#}
{% macro _require_vector_index() -%}
  {%- do adapter.dispatch('_require_vector_indexes', 'dbt_ai')() -%}
  {%- do dbt_ai._vector_index_options(config.get('vector_index')) -%}
{%- endmacro %}

{% macro default___require_vector_indexes() -%}
  {{ dbt_ai._unsupported('vector_index', 'AI034', 'dbt_ai makes vector indexes on Postgres: leave vector_index out, and make the index as the vendor says or search every row') }}
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

{#- The configuration with every option that is not given. -#}
{% macro _vector_index_options(index) -%}
  {%- set who = model.unique_id ~ ': vector_index' -%}
  {%- if index is not mapping or index.get('column') is not string -%}
    {% do exceptions.raise_compiler_error(who ~ ' is ' ~ index ~ "; write {'column': 'embedding'}, and what differs from metric 'cosine' and type 'hnsw'") %}
  {%- endif -%}
  {%- set type = index.get('type', 'hnsw') -%}
  {%- set known = {'hnsw': ['m', 'ef_construction'], 'ivfflat': ['lists']} -%}
  {%- if type not in known -%}
    {% do exceptions.raise_compiler_error(who ~ " has type '" ~ type ~ "'; use hnsw or ivfflat") %}
  {%- elif index.get('metric', 'cosine') not in ['cosine', 'l2', 'inner_product'] -%}
    {% do exceptions.raise_compiler_error(who ~ " has metric '" ~ index.metric ~ "'; use cosine, which ai_search orders by, l2 or inner_product") %}
  {%- endif -%}
  {%- for name, value in index.items() -%}
    {%- if name not in ['column', 'type', 'metric', 'maintenance_work_mem'] + known[type] -%}
      {% do exceptions.raise_compiler_error(who ~ " has '" ~ name ~ "', which " ~ type ~ ' does not know; use column, type, metric, maintenance_work_mem, ' ~ known[type] | join(', ')) %}
    {%- elif name in known[type] and (value is not integer or value is boolean or value < 1) -%}
      {% do exceptions.raise_compiler_error(who ~ ' has ' ~ name ~ ' ' ~ value ~ '; give a number from 1') %}
    {%- elif name == 'maintenance_work_mem' and not modules.re.match('[0-9]+ ?(kB|MB|GB)$', value | string) -%}
      {% do exceptions.raise_compiler_error(who ~ ' has maintenance_work_mem ' ~ value ~ "; give an amount of memory, such as '1GB'") %}
    {%- endif -%}
  {%- endfor -%}
  {{ return(dict({'type': type, 'metric': 'cosine'}, **index)) }}
{%- endmacro %}
