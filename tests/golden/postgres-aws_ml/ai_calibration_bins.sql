-- ai_calibration_bins on postgres-aws_ml. Judged by sqlglot (postgres). Written by tests/golden/golden.py.

-- calibration_bins
--   select * from {{ dbt_ai.ai_calibration_bins(ref('tickets'), 'ticket_id', "queue = 'refund'") }} as measured
select * from (select bin, count(*) as labelled, avg(probability) as mean_probability, avg(1.0 * positive) as positive_rate,
     sum((probability - positive) * (probability - positive)) as brier_sum
   from (
     select probability, positive, case when probability >= 1 then 9 else floor(probability * 10) end as bin
     from (select * from (
     select cast(ticket_id as float) as probability, case when queue = 'refund' then 1 when not (queue = 'refund') then 0 end as positive
     from "memory"."analytics"."tickets" as judged_rows) as judged_columns
   where positive is not null) as judged
     where probability is not null
   ) as binned
   group by bin) as measured
;
