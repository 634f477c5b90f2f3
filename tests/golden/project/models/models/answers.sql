select 1 as ticket_id, 'an answer' as answer
