{{ config(materialized='ai_table') }}
with chosen as (
  select * from {{ ref('reviews') }} where abs(human_score) > 1 order by review_id limit 300
)
select review_id, body, human_score,
       {{ dbt_ai.ai_query(ref('llm'), "'Review: I love it, it works perfectly. Sentiment: positive
Review: Broke after two days, waste of money. Sentiment: negative
Review: A moving story, beautifully told. Sentiment: positive
Review: Dull, predictable and far too long. Sentiment: negative
Review: ' || body || ' Sentiment:'") }} as label
from chosen
