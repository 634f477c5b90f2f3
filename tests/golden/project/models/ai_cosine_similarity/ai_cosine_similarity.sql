select a.article_id, b.article_id as other_id, {{ dbt_ai.ai_cosine_similarity('a.embedding', 'b.embedding') }} as score
from {{ ref('articles') }} as a
cross join {{ ref('articles') }} as b
