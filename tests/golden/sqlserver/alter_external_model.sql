-- alter_external_model on sqlserver. Judged by Microsoft's T-SQL parser (maxdop, 2025). Written by tests/golden/golden.py.

-- alter
--   {{ dbt_ai.alter_external_model('embedder', model='text-embedding-3-large', parameters={'dimensions': 1024}) }}
ALTER EXTERNAL MODEL [embedder]
SET (
    MODEL = N'text-embedding-3-large',
    PARAMETERS = N'{"dimensions": 1024}'
);
;
