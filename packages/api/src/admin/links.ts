/** Where an operator sees more of a purchase. Null where this server does not know the place. */
export interface Links {
  workflow: string | null
  checkout: string | null
  payment: string | null
}

export interface LinkOptions {
  /** Address of the Temporal UI. */
  temporalUi?: string
  namespace: string
  /** Address of Stripe's dashboard, of the key's mode: `https://dashboard.stripe.com/test`. */
  stripeDashboard: string
}

export type LinksOf = (purchase: { id: string; sessionId: string | null; externalTransactionId: string | null }) => Links

const at = (base: string, ...path: string[]): string =>
  `${base.replace(/\/+$/, '')}/${path.map((part) => encodeURIComponent(part)).join('/')}`

export const createLinks =
  ({ temporalUi, namespace, stripeDashboard }: LinkOptions): LinksOf =>
  ({ id, sessionId, externalTransactionId: payment }) => ({
    workflow: temporalUi === undefined ? null : at(temporalUi, 'namespaces', namespace, 'workflows', id),
    checkout: sessionId === null ? null : at(stripeDashboard, 'checkout', 'sessions', sessionId),
    payment: payment === null ? null : at(stripeDashboard, 'payments', payment),
  })
