select articles.article_id, piece.chunk, piece.chunk_order, piece.chunk_offset, piece.chunk_length
from {{ ref('articles') }} as articles
{{ dbt_ai.ai_chunk('articles.content', 30, overlap=20, alias='piece') }}
