import { seedIds, type TestStack, useSharedStack } from '@pay-to-view/testing/stack'
import { beforeAll } from 'vitest'
import { z } from 'zod'
import type { AdminOperation } from './admin-operations.ts'
import { createContractChecker, Document } from './contract.ts'
import type { GrantOperation } from './grant-operations.ts'
import { createHttpClient, type RequestOptions } from './http-client.ts'
import { fetchToken } from './token.ts'
import type { WebhookOperation } from './webhook-operations.ts'

type Operation = AdminOperation | WebhookOperation | GrantOperation

export type CallOptions = RequestOptions & { id?: string; userId?: string; messageId?: string; grantId?: string; query?: string }

export const Page = z.object({ items: z.array(z.record(z.string(), z.unknown())), nextCursor: z.string().nullable() })
const CreatedKey = z.object({ id: z.string(), key: z.string() })

/** Returns functions that call the admin API paths and check the responses against the OpenAPI document. */
export const useAdminClient = (stack: () => TestStack = useSharedStack()) => {
  const { send, get } = createHttpClient(() => stack().stack.api)
  let api: { contract: ReturnType<typeof createContractChecker>; document: z.infer<typeof Document>; admin: string } | undefined

  beforeAll(async () => {
    const { body } = await get('/openapi.json')
    const admin = await fetchToken(stack().stack.issuer, { user: 'root', admin: true })
    api = { contract: createContractChecker(body), document: Document.parse(body), admin }
  })

  const opened = () => {
    if (!api) throw new Error('The stack is not running')
    return api
  }

  /** Calls an operation in the OpenAPI document, as an admin unless a token is given. */
  const call = async (
    operation: Operation,
    { id = '', userId = '', messageId = '', grantId = '', query = '', ...options }: CallOptions = {},
  ) => {
    const { contract, admin } = opened()
    const [method = '', path = ''] = operation.split(' ')
    const url = path
      .replace('{id}', encodeURIComponent(id))
      .replace('{userId}', encodeURIComponent(userId))
      .replace('{messageId}', messageId)
      .replace('{grantId}', grantId)
    const response = await send(method, url + query, { token: admin, ...options })
    contract.expectValid(operation, response)
    return response
  }

  return {
    stack,
    send,
    get,
    call,
    document: () => opened().document,
    seenStatuses: (operation: Operation): number[] => [...(opened().contract.seenStatuses.get(operation) ?? [])],

    createKey: async (scopes: string[], fields: object = {}) =>
      CreatedKey.parse((await call('POST /admin/v1/pay-to-view/api-keys', { body: { name: 'site', scopes, ...fields } })).body),

    /** Buys the seeded film as a new user. */
    buy: async () => {
      const user = stack().newUser()
      const client = await stack().client(user)
      const { purchaseId, sessionId } = await stack().create(client, seedIds.thirtyDayProduct, seedIds.film)
      await stack().pay(sessionId)
      await stack().waitForStatus(client, purchaseId, 'Completed')
      return { user, client, purchaseId }
    },
  }
}
