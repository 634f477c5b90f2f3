{% macro bigquery___vector_index_types() -%}
  {{ return({'types': {'ivf': ['lists'], 'tree_ah': []}, 'metrics': ['cosine', 'l2', 'inner_product']}) }}
{%- endmacro %}

{#- A script, since BigQuery says itself what it has. The name of an index says what it was made with. BigQuery keeps an index up to date with its
    table, and measures how far the rows have drifted from those that it was trained on: 0.3 is significant, says its documentation. An IVF index needs
    5,000 rows. -#}
{% macro bigquery___vector_index_statements(index, relation) -%}
  {%- set distance = {'cosine': 'COSINE', 'l2': 'EUCLIDEAN', 'inner_product': 'DOT_PRODUCT'}[index.metric] -%}
  {%- set options = ["index_type = '" ~ index.type | upper ~ "'", "distance_type = '" ~ distance ~ "'"] -%}
  {%- if index.get('lists') -%}{%- do options.append("ivf_options = '" ~ tojson({'num_lists': index.lists}) ~ "'") -%}{%- endif -%}
  {%- set name = 'dbt_ai_' ~ local_md5(index.column ~ ' ' ~ options | join(' ')) -%}
begin
  for made in (
    select index_name from {{ relation.include(identifier=false) }}.INFORMATION_SCHEMA.VECTOR_INDEXES
    where table_name = {{ dbt_ai._string_literal(relation.identifier) }} and starts_with(index_name, 'dbt_ai_') and index_name <> '{{ name }}'
  ) do
    execute immediate format('drop vector index `%s` on {{ relation }}', made.index_name);
  end for;
  if (select count(*) from {{ relation }} where array_length({{ index.column }}) > 0) >= 5000 then
    create vector index if not exists {{ name }} on {{ relation }}({{ index.column }}) options({{ options | join(', ') }});
    if coalesce((select * from VECTOR_INDEX.STATISTICS(table {{ relation }})), 0) >= 0.3 then
      alter vector index {{ name }} on {{ relation }} rebuild;
    end if;
  end if;
end
{%- endmacro %}
