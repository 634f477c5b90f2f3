select a.article_id, b.article_id as other_id,
       {{ dbt_ai.ai_cosine_similarity('a.embedding', 'b.embedding') }} as similarity,
       {{ dbt_ai.ai_l2_distance('a.embedding', 'b.embedding') }} as l2,
       {{ dbt_ai.ai_inner_product('a.embedding', 'b.embedding') }} as inner_product
from {{ ref('article_embeddings') }} as a
cross join {{ ref('article_embeddings') }} as b
