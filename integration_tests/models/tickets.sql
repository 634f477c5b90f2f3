-- A model and not a seed: dbt-spark cannot load a seed with a quote in it.
{% set bodies = [
     "The invoice is wrong, I was charged twice",
     "App crashes when I open settings",
     "It's great, thank you!",
     none,
     "The invoice is wrong, I was charged twice",
     'Say "hello" to C:\\temp and {braces}',
     "¿Dónde está mi pedido? 你好 🎉",
     "Please cancel my subscription; it renews on 2026-12-01",
     "'; drop table tickets; --",
     "Refund",
   ] %}
{% for body in bodies %}
select {{ loop.index }} as ticket_id, cast({{ dbt_ai._string_literal(body) if body else 'null' }} as {{ dbt.type_string() }}) as body
{{ 'union all' if not loop.last }}
{% endfor %}
