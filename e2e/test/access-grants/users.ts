import type { PayToViewClient } from '@pay-to-view/client'
import { waitFor } from '@pay-to-view/devstack/wait'
import type { TestStack } from '@pay-to-view/testing/stack'
import { expect } from 'vitest'

export const hour = 3_600_000
export const day = 24 * hour
export const inTime = (milliseconds: number): string => new Date(Date.now() + milliseconds).toISOString()
/** Compares times with a tolerance, because Stripe's times are in whole seconds and a payment takes some time. */
export const expectTime = (time: string | null | undefined, expected: number): void =>
  expect(Math.abs(Date.parse(time ?? '') - expected)).toBeLessThan(60_000)

let entities = 0

const prices = [{ currency: 'usd', amount: 499 }]
const products = {
  month: { prices, name: '30 days', accessDurationDays: 30 },
  week: { prices, name: '7 days', accessDurationDays: 7 },
  permanent: { prices, name: 'Own it' },
  rental: { prices, name: 'Rent it', rental: { startWithinDays: 30, watchWithinHours: 48 } },
}

/** Creates an entity for which all products are offered. */
export const createCatalog = async (
  { admin }: PayToViewClient,
  fields: { availableFrom?: string; memberOf?: string[]; type?: 'video' | 'content' } = {},
) => {
  const id = `title-${++entities}`
  await admin.entities.put.mutate({ id, type: 'video', title: id, ...fields })
  for (const [name, product] of Object.entries(products)) {
    await admin.products.put.mutate({ id: name, ...product })
    await admin.products.offers.put.mutate({ id: name, entityId: id })
  }
  return id
}

/** Creates a user, with functions that make purchases and check access. */
export const createUser = async (stack: TestStack) => {
  const userId = stack.newUser()
  const client = await stack.client(userId)
  const create = (entityId: string, payToViewProductId: keyof typeof products, renew?: boolean) =>
    client.purchases.create.mutate({ payToViewProductId, entityId, returnUrl: 'https://yoursite.com/', ...(renew && { renew }) })
  const open = async (...args: Parameters<typeof create>) => {
    const created = await create(...args)
    if (!created.success) throw new Error(`create returned no checkout: ${JSON.stringify(created)}`)
    return { purchaseId: created.purchaseId, sessionId: created.clientSecret.split('_secret_')[0] ?? '' }
  }
  const pay = async ({ purchaseId, sessionId }: Awaited<ReturnType<typeof open>>) => {
    expect(await stack.pay(sessionId)).toBe(200)
    await stack.waitForStatus(client, purchaseId, 'Completed')
    return purchaseId
  }
  return {
    ...{ userId, client, create, open, pay },
    buy: async (...args: Parameters<typeof create>) => pay(await open(...args)),
    access: (entityId: string) => client.access.check.query({ entityId }),
    waitForAccess: (entityId: string, hasAccess: boolean) =>
      waitFor(
        `hasAccess: ${hasAccess}`,
        async () => {
          const access = await client.access.check.query({ entityId })
          return access.hasAccess === hasAccess ? access : null
        },
        { timeoutMs: 30_000 },
      ),
  }
}
