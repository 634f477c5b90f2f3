-- ai_threshold_sweep on bigquery. Judged by sqlglot (bigquery). Written by tests/golden/golden.py.

-- threshold_sweep
--   select * from {{ dbt_ai.ai_threshold_sweep(ref('tickets'), 'ticket_id', "queue = 'refund'", steps=4) }} as measured
select * from (select threshold, labelled, positives, selected, agreeing,
     1.0 * (agreeing) / nullif(selected, 0) as precision_rate,
     1.0 * (agreeing) / nullif(positives, 0) as recall_rate,
     1.0 * (2 * agreeing) / nullif(positives + selected, 0) as f1,
     1.0 * (labelled - positives - selected + 2 * agreeing) / nullif(labelled, 0) as accuracy
   from (
     select threshold, count(*) as labelled, sum(positive) as positives,
       sum(case when probability >= threshold then 1 else 0 end) as selected,
       sum(case when probability >= threshold then positive else 0 end) as agreeing
     from (select * from (
     select cast(ticket_id as float) as probability, case when queue = 'refund' then 1 when not (queue = 'refund') then 0 end as positive
     from `memory`.`analytics`.`tickets` as judged_rows) as judged_columns
   where positive is not null) as judged
     cross join (
       select 0.000000 as threshold union all
       select 0.250000 as threshold union all
       select 0.500000 as threshold union all
       select 0.750000 as threshold union all
       select 1.000000 as threshold
     ) as thresholds
     group by threshold
   ) as counted) as measured
;
