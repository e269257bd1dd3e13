-- Extends the catalog of generate.sql. Every entity gets a description, and each of the three products is offered for every entity.
update entities set title = title || ', a restored film' || case when id = pg_temp.id('vid', 3) then ' Caligari' else '' end,
  description = repeat('A film of the silent era, restored from the only print that is left. ', 3),
  image_url = 'https://cdn.example.com/' || id || '.jpg', duration_seconds = 5640, metadata = '{"sku": "7"}';
insert into products (id, name, access_duration_days) select pg_temp.id('prod', n), 'Product ' || n, n * 30 from generate_series(2, 3) n;
insert into prices (product_id, amount, currency, position) select pg_temp.id('prod', n), 499 * n, 'usd', 0 from generate_series(2, 3) n;
insert into offers (product_id, entity_id) select pg_temp.id('prod', n), entities.id from entities, generate_series(2, 3) n;
