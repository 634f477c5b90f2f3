-- Stands for samples.nyctaxi.trips.
select * from (values (1, '10282', 5, 'The trip was good but car is dirty', 6.5), (2, '10110', 1, 'me and him goes to work', 4.0), (3, '10003', 3, null, 9.25)) as trips(trip_id, pickup_zip, units, note, price)
