{{ config(vector_index={'column': 'embedding'}) }}{{ dbt_ai.ai_vector_index() }}
