-- ai_join on postgres-aws_ml. Judged by sqlglot (postgres). Written by tests/golden/golden.py.

-- join_pair_by_pair
--   select pairs.ticket_id, pairs.article_id
--   from {{ dbt_ai.ai_join(ref('tickets'), ref('articles'), left_text='body', right_text='content', condition='The second text answers the first.', model=ref('llm'), embedder=ref('embedder'), left_columns=['ticket_id'], right_columns=['article_id']) }} as pairs
-- compile error: AI026: ai_query with return_type or response_format has no native form on postgres; the aws_ml extension takes no schema: ask for JSON in the prompt and cast the answer to jsonb, or run this model on DuckDB

-- join_several_pairs_in_a_request
--   select pairs.ticket_id, pairs.article_id
--   from {{ dbt_ai.ai_join(ref('tickets'), ref('articles'), left_text='body', right_text='content', condition='The second text answers the first.', model=ref('llm'), embedder=ref('embedder'), left_columns=['ticket_id'], right_columns=['article_id'], k=6, min_similarity=0.3, pairs_per_request=3) }} as pairs
-- compile error: AI026: ai_query with return_type or response_format has no native form on postgres; the aws_ml extension takes no schema: ask for JSON in the prompt and cast the answer to jsonb, or run this model on DuckDB
