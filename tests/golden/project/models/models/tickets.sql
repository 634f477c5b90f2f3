select 1 as ticket_id, 'The invoice is wrong' as body, 'billing' as queue
