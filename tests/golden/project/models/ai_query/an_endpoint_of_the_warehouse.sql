select {{ dbt_ai.ai_query('gemini-2.5-flash', "'Describe SQL in 30 words.'") }} as answer
