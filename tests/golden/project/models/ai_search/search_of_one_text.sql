select found.article_id, found.title, found.ai_rank, found.ai_similarity
from {{ dbt_ai.ai_search(corpus=ref('articles'), vector='embedding', model=ref('embedder'), query="'how do I return it?'", k=5, where="title <> 'Draft'") }} as found
