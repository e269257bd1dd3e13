import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { freePort } from '@pay-to-view/devstack/ports'
import { useBrowser } from '@pay-to-view/testing/browser'
import { seedIds, useStack } from '@pay-to-view/testing/stack'
import type { Page } from 'playwright-core'
import { build, type PreviewServer, preview } from 'vite'
import { afterAll, beforeAll } from 'vitest'

interface PageOptions {
  view?: 'hooks' | 'shop' | 'paywall' | 'provider'
  /** Null means signed out. */
  users?: (string | null)[]
  otherIds?: string[]
  filmId?: string
  productId?: string
  /** The options for usePurchase. */
  options?: { currency?: string; promotionCode?: string; renew?: boolean }
  /** An API server that replaces the stack's server. */
  api?: string
  beforeLoad?: (page: Page) => Promise<unknown>
}

export const shopExample = path.resolve(import.meta.dirname, '../examples/shop.tsx')

/**
 * Starts a stack and serves test/page. The page shows the results of the hooks, a paywall, or examples/shop.tsx with only the API
 * URL changed.
 */
export const useHooksPage = async () => {
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const stack = useStack({ environment: { WEB_ORIGINS: origin } })
  const openPage = useBrowser(stack)
  const outDir = mkdtempSync(path.join(tmpdir(), 'pay-to-view-hooks-'))
  let server: PreviewServer

  beforeAll(async () => {
    const root = path.join(import.meta.dirname, 'page')
    const replaceApiUrl = {
      name: 'replace-api-url',
      transform: (code: string, file: string) =>
        file === shopExample ? code.replace('http://127.0.0.1:3000', stack().stack.api) : undefined,
    }
    await build({ root, configFile: false, plugins: [replaceApiUrl], logLevel: 'error', build: { outDir, emptyOutDir: true } })
    server = await preview({ root, configFile: false, build: { outDir }, preview: { host: '127.0.0.1', port, strictPort: true } })
  }, 60_000)
  afterAll(async () => {
    await server?.close()
    rmSync(outDir, { recursive: true, force: true })
  })

  const openHooksPage = async ({
    view = 'hooks',
    users = [stack().newUser()],
    otherIds = [],
    filmId = seedIds.film,
    productId = seedIds.thirtyDayProduct,
    options = {},
    api = stack().stack.api,
    beforeLoad,
  }: PageOptions = {}) => {
    const { stack: addresses, token } = stack()
    const usersWithTokens = await Promise.all(users.map(async (user) => user && ([user, await token(user)] as const)))
    const testConfig = {
      ...{ view, api, stripeJs: `${addresses.stripeApi}/js/stripe.js`, users: usersWithTokens },
      ...{ filmId, productId, options, otherIds },
    }
    const { page, errors } = await openPage(origin, 'desktop-light', async (page) => {
      await page.addInitScript(`window.testConfig = ${JSON.stringify(testConfig)}`)
      await beforeLoad?.(page)
    })
    /** Waits until the hook reaches a step, and returns the status text of the step. */
    const waitForStep = async (step: string): Promise<string | null> => {
      await page.getByLabel('step').getByText(step, { exact: true }).waitFor()
      return page.getByLabel('status').textContent()
    }
    const click = (name: string) => page.getByRole('button', { name, exact: true }).click()
    return { page, errors, waitForStep, click, steps: () => page.evaluate<string[]>('window.steps'), user: users[0] ?? '' }
  }

  return { stack, origin, openHooksPage }
}

/** Returns the id of the checkout session that a page has mounted. */
export const mountedSessionId = async (page: Page): Promise<string> => {
  const frame = page.frameLocator('iframe')
  await frame.getByRole('button', { name: /pay/i }).waitFor()
  const source = await page.locator('iframe').getAttribute('src')
  return /cs_test_\w+/.exec(source ?? '')?.[0] ?? ''
}
