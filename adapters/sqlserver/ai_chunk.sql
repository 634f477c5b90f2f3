{# Needs compatibility level 170. Empty texts are kept out: what AI_GENERATE_CHUNKS makes of them is not documented. #}
{% macro sqlserver__ai_chunk(text, chunk_size, overlap, alias) -%}
  cross apply AI_GENERATE_CHUNKS(SOURCE = nullif({{ text }}, N''), CHUNK_TYPE = FIXED, CHUNK_SIZE = {{ chunk_size }}
    {%- if overlap %}, OVERLAP = {{ overlap }}{% endif %}) as {{ alias }}
{%- endmacro %}
