{# The number of a cluster is handed on until nothing gets a smaller one. `using key` keeps one row for each text. #}
{% macro duckdb__ai_dedupe(dedupe) -%}
  {%- set clusters -%}
    dbt_ai_clusters using key (dbt_ai_node) as (
      select dbt_ai_node, min(least(dbt_ai_node, dbt_ai_other)) as dbt_ai_cluster from dbt_ai_edges group by dbt_ai_node
      union
      select dbt_ai_edges.dbt_ai_other, min(dbt_ai_clusters.dbt_ai_cluster)
      from dbt_ai_clusters
      join dbt_ai_edges on dbt_ai_edges.dbt_ai_node = dbt_ai_clusters.dbt_ai_node
      join recurring.dbt_ai_clusters as dbt_ai_so_far on dbt_ai_so_far.dbt_ai_node = dbt_ai_edges.dbt_ai_other
      where dbt_ai_clusters.dbt_ai_cluster < dbt_ai_so_far.dbt_ai_cluster
      group by dbt_ai_edges.dbt_ai_other
    )
  {%- endset -%}
  {{ return(dbt_ai._deduped(dedupe, clusters)) }}
{%- endmacro %}
