-- ai_dedupe on bigquery. Judged by sqlglot (bigquery). Written by tests/golden/golden.py.

-- dedupe_by_distance
--   select deduped.ticket_id, deduped.ai_cluster
--   from {{ dbt_ai.ai_dedupe(ref('tickets'), unique_key='ticket_id', text='body', embedder=ref('embedder')) }} as deduped
-- compile error: AI033: ai_dedupe has no native form on bigquery; its clusters need a recursive query that takes the smallest of several numbers: dedupe on DuckDB or Postgres

-- dedupe_with_a_model
--   select deduped.ticket_id, deduped.ai_cluster
--   from {{ dbt_ai.ai_dedupe(ref('tickets'), unique_key='ticket_id', text='body', embedder=ref('embedder'), model=ref('llm'), condition='Both tickets report the same problem.') }} as deduped
-- compile error: AI033: ai_dedupe has no native form on bigquery; its clusters need a recursive query that takes the smallest of several numbers: dedupe on DuckDB or Postgres
