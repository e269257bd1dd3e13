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

const queries = new QueryClient({
  defaultOptions: {
    // Without a network the page says so at once, instead of waiting in silence for it to come back.
    queries: { retry: (failures, error) => failures < 2 && tell(error).retry, staleTime: 10_000, networkMode: 'always' },
    mutations: { networkMode: 'always' },
  },
})

try {
  const shop = createShop(await loadConfig())
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
