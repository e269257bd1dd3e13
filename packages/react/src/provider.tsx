'use client'

import type { PayToViewClient } from '@pay-to-view/client'
import type { Stripe } from '@stripe/stripe-js'
import { createContext, type ReactNode, useContext } from 'react'

export interface PayToView {
  client: PayToViewClient
  /** Who is signed in, such as the `sub` of the token; null for nobody. What one user was told is not shown to another. */
  user: string | null
  /** Stripe.js with the publishable key: `() => loadStripe('pk_…')`. Called when a checkout is first shown; null where there is no page. */
  stripe: () => Promise<Stripe | null>
}

const PayToViewContext = createContext<PayToView | null>(null)

/** Goes inside a QueryClientProvider of @tanstack/react-query, around what uses the hooks and components of this package. */
export const PayToViewProvider = ({ children, ...value }: PayToView & { children: ReactNode }) => (
  <PayToViewContext value={value}>{children}</PayToViewContext>
)

export const usePayToView = (): PayToView => {
  const value = useContext(PayToViewContext)
  if (!value) throw new Error('This hook is for components inside a PayToViewProvider')
  return value
}
