{{ config(materialized='ai_table') }}
with questions as (
  select question_id, question, {{ dbt_ai.ai_embed(ref('embedder'), 'question') }} as embedding from {{ ref('questions') }}
)
select question, body, array_cosine_similarity(questions.embedding, reviews.embedding) as similarity
from questions cross join {{ ref('review_embeddings') }} as reviews
qualify row_number() over (partition by question_id order by similarity desc, review_id) <= 3
order by question_id, similarity desc
