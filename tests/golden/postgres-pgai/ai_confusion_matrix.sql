-- ai_confusion_matrix on postgres-pgai. Judged by sqlglot (postgres). Written by tests/golden/golden.py.

-- confusion_matrix
--   select * from {{ dbt_ai.ai_confusion_matrix(ref('tickets'), 'queue', 'body') }} as measured
select * from (select label, answer, count(*) as occurrences
   from (select * from (select (queue) as answer, (body) as label from "memory"."analytics"."tickets" as judged_rows) as judged_columns where label is not null) as judged
   group by label, answer) as measured
;
