select * from (values
  (1, 1700000000, 'friend', 'You won a prize'), (2, 1700000001, '+1 555', 'You won a PRIZE'), (3, 1700000002, '+1 556', 'It is me')) as messages(id, ts, from_number, body)
