-- drop_external_model on sqlserver. Judged by Microsoft's T-SQL parser (maxdop, 2025). Written by tests/golden/golden.py.

-- drop
--   {{ dbt_ai.drop_external_model('embedder') }}
IF EXISTS (SELECT 1 FROM sys.external_models WHERE name = N'embedder')
  DROP EXTERNAL MODEL [embedder];
;
