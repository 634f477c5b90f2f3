-- An external chat model, asked one question.
select {{ dbt_ai.ai_query(ref('chat'), "'Describe Databricks SQL in 30 words.'", fail_on_error=false) }} as answer
