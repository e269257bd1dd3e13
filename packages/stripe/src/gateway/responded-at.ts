import type Stripe from 'stripe'

/** The time at which Stripe sent a response, in seconds since the epoch on Stripe's clock. */
export const respondedAt = (response: Stripe.Response<object>): number => {
  const date = Date.parse(response.lastResponse.headers.date ?? '')
  if (Number.isNaN(date)) throw new Error("Stripe's response has no valid Date header, so the age of its data is unknown")
  return Math.floor(date / 1000)
}
