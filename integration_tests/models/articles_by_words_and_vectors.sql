{{ config(enabled=target.type in ('duckdb', 'postgres')) }}
-- The articles that say something like a question, in its words or in others. One of them is given the words.
{%- set articles %}(
  select embedded.*, articles.content || case when article_id = 6 then ' Techniques of machine learning.' else '' end as content
  from {{ ref('article_embeddings') }} as embedded join {{ ref('articles') }} as articles using (article_id)
) as whole{% endset %}
select article_id, ai_rank, ai_similarity
from {{ dbt_ai.ai_search(corpus=articles, vector='embedding', model=ref('embedder'), query="'machine learning techniques'", text='content', k=3) }} as found
