{{ config(vector_index={'column': 'embedding', 'metric': 'l2'}) }}{{ dbt_ai.ai_vector_index() }}
