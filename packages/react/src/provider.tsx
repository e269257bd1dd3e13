'use client'

import type { PayToViewClient } from '@pay-to-view/client'
import type { Stripe } from '@stripe/stripe-js'
import { createContext, type ReactNode, useContext } from 'react'

export interface PayToView {
  client: PayToViewClient
  /** The id of the signed-in user, such as the token's `sub`, or null when signed out. Cached data is kept per user. */
  user: string | null
  /**
   * Loads Stripe.js with the publishable key: `() => loadStripe('pk_…')`. Called when a checkout is first shown. The result is null
   * during server rendering.
   */
  stripe: () => Promise<Stripe | null>
}

const PayToViewContext = createContext<PayToView | null>(null)

/** Provides the client, the user and Stripe.js to the hooks. Must be inside a QueryClientProvider of @tanstack/react-query. */
export const PayToViewProvider = ({ children, ...value }: PayToView & { children: ReactNode }) => (
  <PayToViewContext value={value}>{children}</PayToViewContext>
)

export const usePayToView = (): PayToView => {
  const value = useContext(PayToViewContext)
  if (!value) throw new Error('This hook must be used inside a PayToViewProvider')
  return value
}
