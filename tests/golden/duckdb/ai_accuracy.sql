-- ai_accuracy on duckdb. Judged by DuckDB. Written by tests/golden/golden.py.

-- accuracy
--   select * from {{ dbt_ai.ai_accuracy(ref('tickets'), 'queue', 'body') }} as measured
select * from (select labelled, agreeing, 1.0 * (agreeing) / nullif(labelled, 0) as accuracy
   from (
     select count(*) as labelled, coalesce(sum(case when answer = label then 1 else 0 end), 0) as agreeing
     from (select * from (select (queue) as answer, (body) as label from "memory"."analytics"."tickets" as judged_rows) as judged_columns where label is not null) as judged
   ) as counted) as measured
;
