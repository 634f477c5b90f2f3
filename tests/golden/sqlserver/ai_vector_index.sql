-- ai_vector_index on sqlserver. Judged by Microsoft's T-SQL parser (maxdop, 2025). Written by tests/golden/golden.py.

-- index_of_vectors
--   {{ config(vector_index={'column': 'embedding'}) }}{{ dbt_ai.ai_vector_index() }}
declare @dbt_ai_old nvarchar(max) = (
  select string_agg(N'drop index ' + quotename(made.name) + N' on "memory"."analytics"."index_of_vectors"', N'; ') from sys.indexes as made
  where made.object_id = object_id(N'"memory"."analytics"."index_of_vectors"') and made.name like N'dbt[_]ai[_]%' and made.name <> N'dbt_ai_f4a86866c918ac8793da8be24504d375');
if @dbt_ai_old is not null exec sp_executesql @dbt_ai_old;
if not exists (select 1 from sys.indexes where object_id = object_id(N'"memory"."analytics"."index_of_vectors"') and name = N'dbt_ai_f4a86866c918ac8793da8be24504d375')
    and (select count(*) from "memory"."analytics"."index_of_vectors" where embedding is not null) >= 100
  create vector index dbt_ai_f4a86866c918ac8793da8be24504d375 on "memory"."analytics"."index_of_vectors" (embedding) with (metric = 'cosine', type = 'DiskANN');
;

-- index_with_options
--   {{ config(vector_index={'column': 'embedding', 'metric': 'l2'}) }}{{ dbt_ai.ai_vector_index() }}
declare @dbt_ai_old nvarchar(max) = (
  select string_agg(N'drop index ' + quotename(made.name) + N' on "memory"."analytics"."index_with_options"', N'; ') from sys.indexes as made
  where made.object_id = object_id(N'"memory"."analytics"."index_with_options"') and made.name like N'dbt[_]ai[_]%' and made.name <> N'dbt_ai_c03a818b7e8f24ba17a4d0cc59b1c7ba');
if @dbt_ai_old is not null exec sp_executesql @dbt_ai_old;
if not exists (select 1 from sys.indexes where object_id = object_id(N'"memory"."analytics"."index_with_options"') and name = N'dbt_ai_c03a818b7e8f24ba17a4d0cc59b1c7ba')
    and (select count(*) from "memory"."analytics"."index_with_options" where embedding is not null) >= 100
  create vector index dbt_ai_c03a818b7e8f24ba17a4d0cc59b1c7ba on "memory"."analytics"."index_with_options" (embedding) with (metric = 'euclidean', type = 'DiskANN');
;
