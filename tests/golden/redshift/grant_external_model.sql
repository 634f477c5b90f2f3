-- grant_external_model on redshift. Judged by sqlglot (redshift). Written by tests/golden/golden.py.

-- grant_one
--   {{ dbt_ai.grant_external_model('embedder', ['reporter', 'analyst']) }}
-- compile error: AI018: grant_external_model has no native form on redshift; what Redshift grants on the function of a Bedrock model is not documented: grant CREATE MODEL or schema privileges by hand

-- grant_without_a_model
--   {{ dbt_ai.grant_external_model(none, 'engineer', 'CREATE EXTERNAL MODEL') }}
-- compile error: AI018: grant_external_model has no native form on redshift; what Redshift grants on the function of a Bedrock model is not documented: grant CREATE MODEL or schema privileges by hand
