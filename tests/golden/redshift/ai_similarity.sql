-- ai_similarity on redshift. Judged by sqlglot (redshift). Written by tests/golden/golden.py.

-- similarity
--   select ticket_id, {{ dbt_ai.ai_similarity(ref('embedder'), 'body', "'refund'") }} as answer from {{ ref('tickets') }}
-- compile error: AI018: ai_cosine_distance has no native form on redshift; Redshift has no vector type: compare vectors on DuckDB or Postgres
