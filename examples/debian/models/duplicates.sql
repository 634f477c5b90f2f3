-- The same in other words: a cluster with several descriptions, from several source packages.
with counted as (
  select ai_cluster, count(*) as packages, count(distinct description) as descriptions, count(distinct source) as sources
  from {{ ref('clusters') }} group by ai_cluster
)
select clusters.*, counted.packages
from {{ ref('clusters') }} as clusters join counted using (ai_cluster)
where counted.descriptions > 1 and counted.sources > 1
