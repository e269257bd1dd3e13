import { createPayToViewClient } from '@pay-to-view/client'
import { test } from 'vitest'
import { seeded, useStack } from '../../../packages/devstack/test/harness.ts'
import { waitFor } from '../../../packages/devstack/src/wait.ts'
import { startServer } from './server-process.ts'
import { tokenFrom } from './token.ts'
const stack = useStack()
test('x', async () => {
  process.env.WHY = '--import=/tmp/h/why.mjs'
  for (const mode of ['stopped-before-wait']) {
  const first = await startServer(stack().stack)
  const client = createPayToViewClient({ url: first.url, token: () => tokenFrom(stack().stack.issuer, { user: 'watcher', ttl: '1h' }) })
  let n = 0
  const s = mode === 'none' ? null : client.access.watch.subscribe({ entityId: seeded.film }, { onData: () => { n++ } })
  if (s) await waitFor('x', () => n > 0, { within: 5000 })
  if (mode.startsWith('stopped-before')) s?.unsubscribe()
  if (mode === 'stopped-before-wait') await new Promise((r) => setTimeout(r, 1500))
  const since = Date.now()
  console.log(mode, await first.stop(), Date.now() - since)
  s?.unsubscribe()
  }
}, 120_000)
