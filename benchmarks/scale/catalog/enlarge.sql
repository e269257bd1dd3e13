-- Fills a catalog with :entities entities: 100 channels, and films that are each in one channel. One in 100 film titles contains the word
-- `silent`. One in 20 films is a draft, and one in 500 is archived. Every product is offered for every entity.
insert into entities (id, type, title)
select 'channel-' || n, 'channel', 'Channel ' || n || ', a restored film' from generate_series(1, 100) n;
insert into entities (id, type, status, title, description, image_url, duration_seconds, metadata)
select 'film-' || n, 'video', (case when n % 500 = 7 then 'archived' when n / 100 % 20 = 3 then 'draft' else 'published' end)::entity_status,
  'Film ' || n || ', a restored film' || case when n % 100 = 1 then ' silent' else '' end || ' word' || n % 7919,
  repeat('A film of the silent era, restored from the only print that is left. ', 3), 'https://cdn.example.com/' || n || '.jpg', 60 + n % 7000,
  jsonb_build_object('sku', n::text)
from generate_series(1, :entities - 100) n;
insert into memberships (container_id, member_id, position)
select 'channel-' || 1 + n % 100, 'film-' || n, n / 100 from generate_series(1, :entities - 100) n;
select update_containments(array(select id from entities where type = 'channel'));
insert into offers (product_id, entity_id) select products.id, entities.id from products, entities on conflict do nothing;
