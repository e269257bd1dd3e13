import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { repositoryRoot } from '@pay-to-view/devstack'
import { waitFor } from '@pay-to-view/devstack/wait'
import { driftKinds } from '@pay-to-view/ingestion'
import { findSecretStrictly } from '@pay-to-view/testing/secrets'
import { useStack } from '@pay-to-view/testing/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startCollector } from './observability/collector.ts'
import { readLog } from './observability/log-lines.ts'

const collector = await startCollector()
// The services inherit these variables, as with `npm start`.
process.env.OTEL_EXPORTER_OTLP_ENDPOINT = collector.url
process.env.OTEL_BSP_SCHEDULE_DELAY = '200'

const stack = useStack()
afterAll(() => collector.close())

const traceId = randomBytes(16).toString('hex')
let purchaseId: string
let sessionId: string
let refundRequestId: string

/** Creates a purchase that is paid, and then refunded by a caller whose trace continues in our services. */
beforeAll(async () => {
  const { stack: addresses, client, newUser, create, pay, waitForStatus, token } = stack()
  const user = await client(newUser())
  ;({ purchaseId, sessionId } = await create(user))
  await pay(sessionId)
  await waitForStatus(user, purchaseId, 'Completed')
  const response = await fetch(`${addresses.api}/admin/v1/pay-to-view/purchases/${purchaseId}/refund`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await token('root', { admin: true })}`,
      traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01`,
    },
  })
  expect(response.status).toBe(200)
  refundRequestId = response.headers.get('x-request-id') ?? ''
  await waitForStatus(user, purchaseId, 'Refunded')
}, 120_000)

const linesOf = (service: 'server' | 'worker') =>
  readLog(stack().dataFolder.logs, service).lines.filter((line) => line.purchaseId === purchaseId)

test('a purchase can be followed by its id through the logs of the server and the worker, including the calls to Stripe', async () => {
  const server = await waitFor(
    'the log of the refund',
    () => {
      const lines = linesOf('server')
      return lines.some(({ msg, requestId }) => msg === 'request' && requestId === refundRequestId) ? lines : null
    },
    { timeoutMs: 10_000 },
  )
  const created = server.find(({ operation }) => operation === 'POST /v1/checkout/sessions')
  expect(created).toMatchObject({ msg: 'stripe call', status: 200, stripeRequestId: expect.stringMatching(/./) })
  expect(created?.durationMs).toBeGreaterThan(0)
  // The request's log line has the same requestId.
  expect(server).toContainEqual(expect.objectContaining({ msg: 'request', status: 200, requestId: created?.requestId }))
  const webhook = server.find(({ msg, type }) => msg === 'webhook' && type === 'checkout.session.completed')
  expect(webhook).toMatchObject({ outcome: 'dispatched', eventId: expect.stringMatching(/^evt_/) })

  const worker = linesOf('worker')
  const applied = worker.find(({ msg, eventId }) => msg === 'activity' && eventId?.split(',').includes(webhook?.eventId ?? ''))
  expect(applied).toMatchObject({ activity: 'applyFacts', outcome: 'completed', requestId: expect.stringMatching(/./) })
  expect(worker).toContainEqual(
    expect.objectContaining({
      msg: 'stripe call',
      operation: 'POST /v1/refunds',
      activity: 'executeRefund',
      requestId: refundRequestId,
      stripeRequestId: expect.stringMatching(/./),
    }),
  )
})

test('no log contains a key, a client secret, a token or a password', async () => {
  for (const service of ['server', 'worker'] as const) {
    const { text } = readLog(stack().dataFolder.logs, service)
    expect(findSecretStrictly(text)).toBeNull()
    expect(text).not.toContain(`${sessionId}_secret_`)
    expect(text).not.toContain(stack().stack.webhookSecret)
  }
})

test('one trace spans the HTTP request, the workflow and the refund in Stripe', async () => {
  const names = ['POST /admin/v1/pay-to-view/purchases/:id/refund', 'executeRefund', 'Stripe POST /v1/refunds'] as const
  const spans = await waitFor(
    'the spans of the refund',
    () => {
      const found = collector.trace(traceId)
      return names.every((name) => found.some((span) => span.name === name)) ? found : null
    },
    { timeoutMs: 20_000 },
  )
  const [http, activity, stripe] = names.map((name) => spans.find((span) => span.name === name))
  expect(http?.service).toBe('pay-to-view-server')
  expect(activity).toMatchObject({ service: 'pay-to-view-worker', parentSpanId: http?.spanId })
  expect(stripe).toMatchObject({ service: 'pay-to-view-worker', parentSpanId: activity?.spanId })
})

const read = (file: string): string => readFileSync(path.join(repositoryRoot, 'docs', file), 'utf8')

test('every metric in the dashboard and the alerting rules exists, and the purchase is counted', async () => {
  const { api, worker } = stack().stack
  const metrics = (await Promise.all([api, worker].map(async (url) => (await fetch(`${url}/metrics`)).text()))).join('\n')
  const exported = new Set([...metrics.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name))
  const text = read('observability/dashboard.json') + read('observability/alerts.yml')
  const used = new Set(
    [...text.matchAll(/\b(?:pay_to_view|nodejs)_\w+/g)].map(([name]) => name.replace(/_(bucket|count|sum)$/, '')),
  )
  expect(used.size).toBeGreaterThan(12)
  expect([...used].filter((name) => !exported.has(name))).toEqual([])
  for (const line of [
    /^pay_to_view_purchase_status_changes_total\{status="Completed"\} 1$/m,
    /^pay_to_view_purchase_status_changes_total\{status="Refunded"\} 1$/m,
    /^pay_to_view_payment_to_access_seconds_count 1$/m,
    /^pay_to_view_webhook_lag_seconds_count [1-9]/m,
    /^pay_to_view_webhooks_total\{outcome="dispatched"\} [1-9]/m,
    /^pay_to_view_stripe_call_seconds_count\{operation="POST \/v1\/refunds",status="200"\} 1$/m,
    /^pay_to_view_http_request_seconds_count\{method="POST",route="\/client\/v1\/webhooks\/stripe",status="200"\} [1-9]/m,
    /^pay_to_view_activity_seconds_count\{activity="executeRefund",outcome="completed"\} 1$/m,
    /^pay_to_view_backlog_tasks\{kind="workflow"\} \d/m,
    /^pay_to_view_drift_total\{kind="missing_event"\} 0$/m,
    /^pay_to_view_webhooks_total\{outcome="rejected"\} 0$/m,
    /^pay_to_view_database_pool\{state="waiting"\} 0$/m,
  ]) {
    expect(metrics).toMatch(line)
  }
})

test('every kind of drift has a row in the runbook', () => {
  const rows = [...read('operations.md').matchAll(/^\| `([a-z]+_[a-z_]+)` +\|/gm)].map(([, name]) => name)
  expect(rows).toEqual(expect.arrayContaining([...driftKinds]))
})

test('every alerting rule has a row in the runbook, in the same order', () => {
  const rules = [...read('observability/alerts.yml').matchAll(/- alert: (\w+)/g)].map(([, name]) => name)
  const rows = [...read('operations.md').matchAll(/^\| `([A-Z][a-z]\w+)` +\|/gm)].map(([, name]) => name)
  expect(rows).toEqual(rules)
})
