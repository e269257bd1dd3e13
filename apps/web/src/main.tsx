import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { loadConfig } from './config.ts'
import { createShop, ShopProvider } from './context.tsx'
import { tell } from './problem.ts'
import './style.css'

const root = document.getElementById('root')
if (!root) throw new Error('The page has no element with the id root')

try {
  const shop = createShop(await loadConfig())
  const mayRetry = (failures: number, error: Error): boolean => {
    const { retry, signIn } = tell(error)
    // The server does not take the token any more: what is for everybody is asked for again without it.
    if (signIn && failures === 0 && shop.session.user !== null) {
      shop.session.signOut()
      return true
    }
    return failures < 2 && retry
  }
  const queries = new QueryClient({
    defaultOptions: {
      // Without a network the page says so at once, instead of waiting in silence for it to come back, and asks again when it has.
      queries: { retry: mayRetry, staleTime: 10_000, networkMode: 'always', refetchOnReconnect: true },
      mutations: { networkMode: 'always' },
    },
  })
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <ShopProvider shop={shop}>
          <App />
        </ShopProvider>
      </QueryClientProvider>
    </StrictMode>,
  )
} catch {
  root.innerHTML =
    '<main role="alert"><h1>The shop is closed</h1><p>Its configuration cannot be read. Please come back in a moment.</p></main>'
}
