select article_id, title, {{ dbt_ai.ai_embed(ref('embedder'), 'content') }} as embedding
from {{ ref('articles') }}
