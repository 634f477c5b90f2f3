select articles.article_id, {{ dbt_ai.ai_chunk_key('articles.article_id') }} as chunk_key, chunk.chunk
from {{ ref('articles') }} as articles
{{ dbt_ai.ai_chunk('articles.content', 1000, overlap=10, by='paragraphs') }}
