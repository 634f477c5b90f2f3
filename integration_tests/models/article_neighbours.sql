-- The three articles nearest to each article, itself among them.
{%- set asked = '(select article_id as asked_id, embedding as asked from ' ~ ref('article_embeddings') ~ ') as asked_articles' %}
select asked_id, article_id, ai_rank, ai_similarity
from {{ dbt_ai.ai_search(corpus=ref('article_embeddings'), vector='embedding', queries=asked, query_vector='asked', query_columns=['asked_id'], k=3) }} as found
