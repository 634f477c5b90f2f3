-- ai_join on spark. Judged by sqlglot (spark) and Spark's parser. Written by tests/golden/golden.py.

-- join_pair_by_pair
--   select pairs.ticket_id, pairs.article_id
--   from {{ dbt_ai.ai_join(ref('tickets'), ref('articles'), left_text='body', right_text='content', condition='The second text answers the first.', model=ref('llm'), embedder=ref('embedder'), left_columns=['ticket_id'], right_columns=['article_id']) }} as pairs
-- compile error: AI033: ai_join has no native form on spark; join on DuckDB or Postgres, which embed each text once and ask about each pair once

-- join_several_pairs_in_a_request
--   select pairs.ticket_id, pairs.article_id
--   from {{ dbt_ai.ai_join(ref('tickets'), ref('articles'), left_text='body', right_text='content', condition='The second text answers the first.', model=ref('llm'), embedder=ref('embedder'), left_columns=['ticket_id'], right_columns=['article_id'], k=6, min_similarity=0.3, pairs_per_request=3) }} as pairs
-- compile error: AI033: ai_join has no native form on spark; join on DuckDB or Postgres, which embed each text once and ask about each pair once
