import { z } from 'zod'
import { openDataFolder } from './data-folder.ts'
import { runOps } from './ops.ts'
import { readRunningStack } from './stack-file.ts'

const entityTypes: Readonly<Record<string, string>> = { video: '1', channel: '2', content: '3' }

const Catalog = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      type: z.string(),
      title: z.string(),
      products: z.array(z.object({ id: z.string(), prices: z.array(z.object({ currency: z.string(), amount: z.number() })) })),
    }),
  ),
})

/** Reads up to 100 of the stack's entities. Returns one item for each price of each product that is offered for them. */
const readItems = async (api: string) => {
  const response = await fetch(`${api}/client/v1/pay-to-view/entities?limit=100`)
  return Catalog.parse(await response.json()).items.flatMap(({ id, type, title, products }) =>
    products.flatMap((product) =>
      product.prices.map(({ currency, amount }) => ({
        ...{ entityId: id, entityType: entityTypes[type] ?? '3', title, productId: product.id, currency, amount },
      })),
    ),
  )
}

const Rejection = z.object({ error: z.object({ message: z.string(), code: z.string().optional() }) })

/** Returns a message that explains why the emulator rejected the sales. */
export const describeRejection = (body: string): string => {
  const { error } = Rejection.parse(JSON.parse(body))
  return error.code === 'account_in_use'
    ? 'This stack has sales already. Run npm run reset first.'
    : `The emulator did not create the sales: ${error.message}`
}

/**
 * Fills the running stack with a year of sales. The sales are created as ordinary objects in the Stripe emulator and imported like another
 * backend's sales. Returns the exit code.
 */
export const demoSales = async (purchases: number): Promise<number> => {
  const dataFolder = openDataFolder()
  const stack = readRunningStack(dataFolder)
  if (!stack) {
    console.error('The stack is not running. Start it with: npm start')
    return 1
  }
  const items = await readItems(stack.api)
  const response = await fetch(`${stack.stripeApi}/_test/sales_year`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ purchases, items: items.slice(0, 500) }),
  })
  if (!response.ok) {
    console.error(describeRejection(await response.text()))
    return 1
  }
  const exitCode = await runOps(dataFolder, ['import:purchases', '--from-stripe'])
  console.log('The next run of the reconciler adds fees and payouts, in about a minute.')
  return exitCode
}
