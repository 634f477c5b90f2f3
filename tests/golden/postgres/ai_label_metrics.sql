-- ai_label_metrics on postgres. Judged by sqlglot (postgres). Written by tests/golden/golden.py.

-- label_metrics
--   select * from {{ dbt_ai.ai_label_metrics(ref('tickets'), 'queue', 'body') }} as measured
select * from (select label, labelled, answered, agreeing,
     1.0 * (agreeing) / nullif(answered, 0) as precision_rate,
     1.0 * (agreeing) / nullif(labelled, 0) as recall_rate,
     1.0 * (2 * agreeing) / nullif(labelled + answered, 0) as f1
   from (
     select label, sum(labelled) as labelled, sum(answered) as answered, sum(agreeing) as agreeing
     from (
       select label, 1 as labelled, 0 as answered, case when answer = label then 1 else 0 end as agreeing from (select * from (select (queue) as answer, (body) as label from "memory"."analytics"."tickets" as judged_rows) as judged_columns where label is not null) as judged
       union all
       select answer as label, 0 as labelled, 1 as answered, 0 as agreeing from (select * from (select (queue) as answer, (body) as label from "memory"."analytics"."tickets" as judged_rows) as judged_columns where label is not null) as judged
     ) as counted
     where label is not null
     group by label
   ) as totals) as measured
;
