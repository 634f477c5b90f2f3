-- ai_similarity on databend. Judged by Databend's planner. Written by tests/golden/golden.py.

-- similarity
--   select ticket_id, {{ dbt_ai.ai_similarity(ref('embedder'), 'body', "'refund'") }} as answer from {{ ref('tickets') }}
select ticket_id, cast((1 - nullif(cosine_distance(embedder(body), embedder('refund')), 'NaN'::float)) as float) as answer from analytics.tickets
;
