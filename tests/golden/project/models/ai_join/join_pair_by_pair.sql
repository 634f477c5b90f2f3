select pairs.ticket_id, pairs.article_id
from {{ dbt_ai.ai_join(ref('tickets'), ref('articles'), left_text='body', right_text='content', condition='The second text answers the first.', model=ref('llm'), embedder=ref('embedder'), left_columns=['ticket_id'], right_columns=['article_id']) }} as pairs
