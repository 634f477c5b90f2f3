-- Databend's own example of external functions: the articles nearest to a question.
select article_id, title,
       {{ dbt_ai.ai_cosine_distance('embedding', dbt_ai.ai_embed(ref('embedder'), "'machine learning techniques'")) }} as distance
from {{ ref('article_embeddings') }}
order by distance
limit 5
