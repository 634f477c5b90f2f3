{{ config(materialized='ai_table') }}

with clear_cut as (
  select * from {{ ref('reviews') }} where abs(human_score) > 1 order by review_id limit 300
)

select review_id, body, human_score,
       {{ dbt_ai.ai_classify(ref('llm'), 'body', ['positive', 'negative'], examples=[
            ('I love it, it works perfectly.', 'positive'),
            ('Broke after two days, a waste of money.', 'negative'),
            ('A moving story, beautifully told.', 'positive'),
            ('Dull, predictable and far too long.', 'negative')]) }} as label
from clear_cut
