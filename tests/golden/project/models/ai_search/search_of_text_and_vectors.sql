select found.article_id, found.ai_rank
from {{ dbt_ai.ai_search(corpus=ref('articles'), vector='embedding', model=ref('embedder'), query='body', queries=ref('tickets'), query_columns=['ticket_id'], text='content') }} as found
