import { withClient } from '@pay-to-view/devstack/postgres'

/** Adds `count` videos to the catalog, each with its own product. */
export const fillCatalog = (databaseUrl: string, count: number): Promise<void> =>
  withClient(databaseUrl, async (client) => {
    const rows = `from generate_series(1, ${count}) number`
    const description = "repeat('A film that a caller without a token can list. ', 4)"
    await client.query(
      `insert into entities (id, type, title, description) select 'load-video-' || number, 'video', 'Film ' || number, ${description} ${rows}`,
    )
    await client.query(
      `insert into products (id, name, access_duration_days, updated_at) select 'load-product-' || number, 'Film, 30 days', 30, now() ${rows}`,
    )
    await client.query(
      `insert into prices (product_id, currency, amount, position) select 'load-product-' || number, 'usd', 499, 0 ${rows}`,
    )
    await client.query(
      `insert into offers (product_id, entity_id) select 'load-product-' || number, 'load-video-' || number ${rows}`,
    )
    await client.query('analyze')
  })
