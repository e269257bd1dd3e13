import type { WebhookMessage as ServerMessage } from '@pay-to-view/api'
import { createPayToViewClient, type WebhookMessage } from '../src/index.ts'

const client = createPayToViewClient({ url: 'http://localhost', token: async () => 'token' })

/** tsc checks this file. Every call in this array must be a type error. */
export const invalidCalls = [
  // @ts-expect-error entityID is not a field
  () => client.purchases.create.mutate({ payToViewProductId: 'prod', entityID: 'vid', returnUrl: 'https://example.com' }),
  // @ts-expect-error page is a number
  () => client.purchases.list.query({ page: '1' }),
  // @ts-expect-error unknown procedure
  () => client.purchases.steal.mutate(),
]

export const validCall = async (): Promise<string | null> => {
  const created = await client.purchases.create.mutate({
    payToViewProductId: 'prod',
    entityId: 'vid',
    returnUrl: 'https://example.com',
  })
  return created.success ? created.clientSecret : null
}

type IsSame<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false

/** The published type, which needs no schema library, must equal the type of the server's schemas. */
export const isSameMessage: IsSame<WebhookMessage, ServerMessage> = true
