{% macro _duckdb_require_plugin() %}
  {%- set found = [] -%}
  {%- for plugin in target.plugins or [] if plugin.module == 'dbt_ai' -%}
    {%- do found.append(plugin) -%}
  {%- endfor -%}
  {%- if not found -%}
    {% do exceptions.raise_compiler_error(
      "the dbt_ai plugin is missing in profile '" ~ target.profile_name ~ "', target '" ~ target.name ~ "': add to that output in profiles.yml\n"
      ~ "      plugins:\n        - module: dbt_ai") %}
  {%- endif -%}
  {%- if target.remote -%}
    {% do exceptions.raise_compiler_error("dbt_ai runs inside the dbt process and cannot enter a remote DuckDB server (" ~ target.remote.host ~ "); use a local path") %}
  {%- endif -%}
{% endmacro %}
