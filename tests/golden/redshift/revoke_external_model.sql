-- revoke_external_model on redshift. Judged by sqlglot (redshift). Written by tests/golden/golden.py.

-- revoke
--   {{ dbt_ai.revoke_external_model('embedder', 'reporter') }}
-- compile error: AI018: revoke_external_model has no native form on redshift; what Redshift grants on the function of a Bedrock model is not documented: revoke CREATE MODEL or schema privileges by hand
