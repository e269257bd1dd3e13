import { useStack } from '@pay-to-view/testing/stack'
import { beforeAll } from 'vitest'
import { z } from 'zod'
import { createContractChecker } from './contract.ts'
import { createHttpClient, type RequestOptions } from './http-client.ts'
import { fetchToken } from './token.ts'

const Problem = z.object({ code: z.string(), errors: z.array(z.object({ field: z.string(), message: z.string() })) })

export const [adminPath, clientPath] = ['/admin/v1/pay-to-view', '/client/v1/pay-to-view']
export const entity = `${adminPath}/entities/{id}`
export const entities = `${adminPath}/entities`
export const product = `${adminPath}/products/{id}`
export const offers = `${product}/offers`
export const offer = `${offers}/{entityId}`
export const publicEntities = `${clientPath}/entities`
export const publicEntity = `${clientPath}/entities/{id}`
export const publicProducts = `${clientPath}/products`
export const purchases = `${clientPath}/purchases`

/**
 * Starts a stack and returns functions that call the catalog operations. Each response is checked against the OpenAPI document.
 */
export const useCatalogOperations = () => {
  const stack = useStack()
  const { send } = createHttpClient(() => stack().stack.api)
  let contract: ReturnType<typeof createContractChecker>
  let admin: string

  beforeAll(async () => {
    contract = createContractChecker((await send('GET', '/openapi.json')).body)
    admin = await fetchToken(stack().stack.issuer, { user: 'root', admin: true })
  })

  /** Calls an operation, as an admin by default, and returns the fields that the tests use. */
  const call = async (
    operation: string,
    params: Record<string, string> = {},
    { query = '', ...options }: RequestOptions & { query?: string } = {},
  ) => {
    const [method = '', path = ''] = operation.split(' ')
    const url = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))
    const response = await send(method, url + query, { token: admin, ...options })
    contract.expectValid(operation, response)
    const { code, errors } = Problem.safeParse(response.body).data ?? {}
    return { status: response.status, body: response.body, code, fields: errors?.map(({ field }) => field) }
  }

  return {
    stack,
    call,
    /** Sends a request as an admin; the response is not checked. */
    sendAsAdmin: (method: string, url: string, options: RequestOptions = {}) => send(method, url, { token: admin, ...options }),
    userToken: () => fetchToken(stack().stack.issuer, { user: stack().newUser() }),
    putEntity: (id: string, body: object) => call(`PUT ${entity}`, { id }, { body }),
    putProduct: (id: string, body: object = {}) =>
      call(
        `PUT ${product}`,
        { id },
        { body: { name: 'A week', prices: [{ amount: 499, currency: 'usd' }], accessDurationDays: 7, ...body } },
      ),
    putOffer: (id: string, entityId: string) => call(`PUT ${offer}`, { id, entityId }),
    create: (token: string, payToViewProductId: string, entityId: string) =>
      call(`POST ${purchases}`, {}, { token, body: { payToViewProductId, entityId, returnUrl: 'https://yoursite.com/' } }),
  }
}
