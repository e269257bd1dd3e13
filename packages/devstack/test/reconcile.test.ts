import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createPayToViewClient } from '@pay-to-view/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Home, issueToken, openHome, type Stack, startStack } from '../src/index.ts'
import { waitFor } from '../src/wait.ts'

let home: Home
let stack: Stack
const folder = mkdtempSync(path.join(tmpdir(), 'pay-to-view-'))

beforeAll(async () => {
  home = openHome(folder)
  stack = await startStack(home, { forgetful: true, web: false, worksWith: { RECONCILE_EVERY: '1', RECONCILE_GRACE: '1' } })
}, 180_000)

afterAll(async () => {
  await stack?.stop()
  rmSync(folder, { recursive: true, force: true })
}, 60_000)

const helper = async (to: string, body: object) => {
  const answer = await fetch(`${stack.stripeApi}/_test/${to}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(answer.ok).toBe(true)
}

test('a purchase whose every webhook is lost is completed by the Schedule, long before its checkout ends', async () => {
  await helper('faults', { on: 'webhook', effect: 'drop' })
  const client = createPayToViewClient({ url: stack.api, token: await issueToken(home, 'alice') })
  const entityId = 'vid_01m85eetz2e8qthwsqr5v0dh8g'
  const created = await client.purchases.create.mutate({
    payToViewProductId: 'prod_01m85eetz6e8qthwvnjjs5zz41',
    entityId,
    returnUrl: 'https://yoursite.com/purchase/complete',
  })
  if (!created.success) throw new Error('not created')
  await helper(`checkout/sessions/${created.clientSecret.split('_secret_')[0]}/pay`, { card: '4242424242424242' })
  await waitFor('access', async () => (await client.access.check.query({ entityId })).hasAccess, { within: 50_000, every: 250 })
}, 60_000)
