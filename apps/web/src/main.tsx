import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { ErrorBoundary } from './components/error-boundary.tsx'
import { loadConfig } from './config.ts'
import { createShop, ShopProvider } from './context.tsx'
import './styles/base.css'
import './styles/catalog.css'
import './styles/purchase.css'
import './styles/components.css'
import { userMessageFor } from './user-message.ts'

const root = document.getElementById('root')
if (!root) throw new Error('Missing element #root')

try {
  const shop = createShop(await loadConfig())
  const shouldRetry = (failureCount: number, error: Error): boolean => {
    const { isRetryable, needsSignIn } = userMessageFor(error)
    // The server rejected the token, so sign out and load public data without a token.
    if (needsSignIn && failureCount === 0 && shop.session.user !== null) {
      shop.session.signOut()
      return true
    }
    return failureCount < 2 && isRetryable
  }
  const queries = new QueryClient({
    defaultOptions: {
      // Without a network, requests fail immediately instead of pausing silently, and queries are refetched on reconnect.
      queries: { retry: shouldRetry, staleTime: 10_000, networkMode: 'always', refetchOnReconnect: true },
      mutations: { networkMode: 'always' },
    },
  })
  createRoot(root).render(
    <StrictMode>
      <ErrorBoundary>
        <QueryClientProvider client={queries}>
          <ShopProvider shop={shop}>
            <App />
          </ShopProvider>
        </QueryClientProvider>
      </ErrorBoundary>
    </StrictMode>,
  )
} catch {
  root.innerHTML =
    '<main role="alert"><h1>Store unavailable</h1><p>The store configuration failed to load. Please try again in a moment.</p><p><a href="">Try again</a></p></main>'
}
