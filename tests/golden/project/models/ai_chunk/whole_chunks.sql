select articles.article_id, chunk.chunk, chunk.chunk_order
from {{ ref('articles') }} as articles
{{ dbt_ai.ai_chunk('articles.content', 1000) }}
