import type Stripe from 'stripe'
import { respondedAt } from './responded-at.ts'

/** Yields the responses of a list, one per page. */
export async function* listResponses<T extends { id: string }, Page extends Stripe.ApiList<T>>(
  list: (page: { starting_after?: string }) => Promise<Page>,
): AsyncGenerator<Page> {
  let response = await list({})
  for (;;) {
    yield response
    const last = response.data.at(-1)
    if (!response.has_more || !last) return
    response = await list({ starting_after: last.id })
  }
}

/** Yields the items of a list, page by page. */
export async function* listPages<T extends { id: string }>(
  list: (page: { starting_after?: string }) => Promise<Stripe.ApiList<T>>,
): AsyncGenerator<T[]> {
  for await (const { data } of listResponses(list)) yield data
}

/** Returns all items of a list, each with the time of the response that contained it. */
export const listAll = async <T extends { id: string }>(
  list: (page: { starting_after?: string }) => Promise<Stripe.Response<Stripe.ApiList<T>>>,
): Promise<{ item: T; observedAt: number }[]> => {
  const found: { item: T; observedAt: number }[] = []
  for await (const response of listResponses(list)) {
    const observedAt = respondedAt(response)
    found.push(...response.data.map((item) => ({ item, observedAt })))
  }
  return found
}
