"""What `dbt-ai report` shows: read from the store, the tables that were built and dbt's artefacts, and written as one HTML file."""
