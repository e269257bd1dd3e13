import { purchaseWorkflowId } from '@pay-to-view/purchase'

/**
 * Links to a purchase's details. `workflow` is null if the URL of the Temporal UI is not set; `checkout` and `payment` are null until the
 * purchase has a checkout session or a payment.
 */
export interface Links {
  workflow: string | null
  checkout: string | null
  payment: string | null
}

export interface LinkOptions {
  /** The URL of the Temporal UI. */
  temporalUi?: string
  namespace: string
  /** The URL of Stripe's dashboard for the mode of the Stripe key, such as `https://dashboard.stripe.com/test`. */
  stripeDashboard: string
}

export type BuildLinks = (purchase: { id: string; sessionId: string | null; externalTransactionId: string | null }) => Links

const joinUrl = (base: string, ...segments: string[]): string =>
  `${base.replace(/\/+$/, '')}/${segments.map((segment) => encodeURIComponent(segment)).join('/')}`

export const createLinks =
  ({ temporalUi, namespace, stripeDashboard }: LinkOptions): BuildLinks =>
  ({ id, sessionId, externalTransactionId: payment }) => ({
    workflow: temporalUi === undefined ? null : joinUrl(temporalUi, 'namespaces', namespace, 'workflows', purchaseWorkflowId(id)),
    checkout: sessionId === null ? null : joinUrl(stripeDashboard, 'checkout', 'sessions', sessionId),
    payment: payment === null ? null : joinUrl(stripeDashboard, 'payments', payment),
  })
