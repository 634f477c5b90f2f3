{% macro sqlserver___vector_index_types() -%}
  {{ return({'types': {'diskann': []}, 'metrics': ['cosine', 'l2', 'inner_product']}) }}
{%- endmacro %}

{#- The name of an index says what it was made with. It needs 100 rows and a clustered primary key, of whose absence SQL Server speaks itself. -#}
{% macro sqlserver___vector_index_statements(index, relation) -%}
  {%- set metric = {'cosine': 'cosine', 'l2': 'euclidean', 'inner_product': 'dot'}[index.metric] -%}
  {%- set name = 'dbt_ai_' ~ local_md5(index.column ~ ' ' ~ metric) -%}
  {%- set table = 'object_id(' ~ dbt_ai._string_literal(relation | string) ~ ')' -%}
declare @dbt_ai_old nvarchar(max) = (
  select string_agg(N'drop index ' + quotename(made.name) + {{ dbt_ai._string_literal(' on ' ~ relation) }}, N'; ') from sys.indexes as made
  where made.object_id = {{ table }} and made.name like N'dbt[_]ai[_]%' and made.name <> N'{{ name }}');
if @dbt_ai_old is not null exec sp_executesql @dbt_ai_old;
if not exists (select 1 from sys.indexes where object_id = {{ table }} and name = N'{{ name }}')
    and (select count(*) from {{ relation }} where {{ index.column }} is not null) >= 100
  create vector index {{ name }} on {{ relation }} ({{ index.column }}) with (metric = '{{ metric }}', type = 'DiskANN');
{%- endmacro %}
