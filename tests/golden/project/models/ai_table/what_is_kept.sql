{% set source = {'relation': ref('tickets'), 'unique_key': 'ticket_id', 'state': dbt_ai._row_state(['body'], 'the calls')} %}
{{ dbt_ai._kept_and_asked(ref('kept'), ref('asked'), source, 'ticket_id, answer, dbt_ai_state') }}
