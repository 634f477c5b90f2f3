{# A text hands its number on to texts with a larger one: the smallest of a cluster reaches all of it. #}
{% macro postgres__ai_dedupe(dedupe) -%}
  {%- set clusters -%}
    dbt_ai_reached as (
      select dbt_ai_node, dbt_ai_node as dbt_ai_cluster from dbt_ai_edges
      union
      select dbt_ai_edges.dbt_ai_other, dbt_ai_reached.dbt_ai_cluster
      from dbt_ai_reached
      join dbt_ai_edges on dbt_ai_edges.dbt_ai_node = dbt_ai_reached.dbt_ai_node
      where dbt_ai_reached.dbt_ai_cluster < dbt_ai_edges.dbt_ai_other
    ),
    dbt_ai_clusters as (
      select dbt_ai_node, min(dbt_ai_cluster) as dbt_ai_cluster from dbt_ai_reached group by dbt_ai_node
    )
  {%- endset -%}
  {{ return(dbt_ai._deduped(dedupe, clusters)) }}
{%- endmacro %}
