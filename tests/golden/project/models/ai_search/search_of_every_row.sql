select found.*
from {{ dbt_ai.ai_search(corpus=ref('articles'), vector='embedding', queries=ref('tickets'), query_columns=['ticket_id'], query_vector='embedding', min_similarity=0.5) }} as found
