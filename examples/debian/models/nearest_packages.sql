{{ config(materialized='ai_table') }}
select question_id, ai_rank, package, description, ai_similarity
from {{ dbt_ai.ai_search(corpus=ref('package_vectors'), vector='embedding', model=ref('embedder'), k=4,
                         queries=ref('questions'), query='question', query_columns=['question_id']) }} as found
