import { createPayToViewClient, type PayToViewClient } from '@pay-to-view/client'
import { PayToViewProvider } from '@pay-to-view/react'
import type { Stripe } from '@stripe/stripe-js'
import { createContext, type ReactNode, useContext, useSyncExternalStore } from 'react'
import type { Config } from './config.ts'
import { setPromotionCode } from './money/promotion-code.ts'
import { createSession, type Session } from './session.ts'
import { createStripeLoader } from './stripe.ts'

interface Shop {
  config: Config
  session: Session
  client: PayToViewClient
  stripe: () => Promise<Stripe | null>
}

const ShopContext = createContext<Shop | null>(null)

export const createShop = (config: Config): Shop => {
  const session = createSession(config.demoIssuerUrl)
  let lastUser = session.user
  session.subscribe(() => {
    // The next user of this device must not see the promotion code.
    if (lastUser !== null && session.user !== lastUser) setPromotionCode('')
    lastUser = session.user
  })
  return {
    config,
    session,
    client: createPayToViewClient({ url: config.apiUrl, token: session.token }),
    stripe: createStripeLoader(config),
  }
}

export const ShopProvider = ({ shop, children }: { shop: Shop; children: ReactNode }) => {
  const { client, session, stripe } = shop
  const user = useSyncExternalStore(session.subscribe, () => session.user)
  return (
    <ShopContext value={shop}>
      <PayToViewProvider client={client} user={user} stripe={stripe}>
        {children}
      </PayToViewProvider>
    </ShopContext>
  )
}

export const useShop = (): Shop => {
  const shop = useContext(ShopContext)
  if (!shop) throw new Error('useShop must be used inside a ShopProvider')
  return shop
}

/** Returns the signed-in user, or null when signed out. */
export const useUser = (): string | null => {
  const { session } = useShop()
  return useSyncExternalStore(session.subscribe, () => session.user)
}

export const useIsAdmin = (): boolean => {
  const { session } = useShop()
  return useSyncExternalStore(session.subscribe, () => session.isAdmin)
}
