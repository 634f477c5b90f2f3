{# A key of a chunk that stays while its text does, wherever it moves in its document: `select {{ dbt_ai.ai_chunk_key('article_id') }} as chunk_key, …`
   beside ai_chunk. The MD5 of the document's key, the text, and which one it is of equal ones in the document. #}
{% macro ai_chunk_key(unique_key, alias='chunk') -%}
  {%- do dbt_ai._require_expression('ai_chunk_key', 'unique_key', unique_key) -%}
  {%- set text = dbt.type_string() -%}
  {%- set which = 'row_number() over (partition by ' ~ unique_key ~ ', ' ~ alias ~ '.chunk order by ' ~ alias ~ '.chunk_order)' -%}
  {{ return(dbt.hash(dbt_ai._concatenation(['cast(' ~ unique_key ~ ' as ' ~ text ~ ')', "'|'", 'cast(' ~ which ~ ' as ' ~ text ~ ')', "'|'", alias ~ '.chunk']))) }}
{%- endmacro %}
