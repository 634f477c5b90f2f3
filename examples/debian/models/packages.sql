select * from read_parquet('packages.parquet')
