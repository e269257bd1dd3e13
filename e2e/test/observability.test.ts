import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { issueToken } from '@pay-to-view/devstack'
import { waitFor } from '@pay-to-view/devstack/wait'
import { driftKinds } from '@pay-to-view/ingestion'
import { findSecretStrictly } from '@pay-to-view/testing/secrets'
import { useStack } from '@pay-to-view/testing/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startCollector } from './observability/collector.ts'
import { readLog } from './observability/log-lines.ts'

const collector = await startCollector()
// As whoever runs `npm start` sets them: the parts inherit them.
process.env.OTEL_EXPORTER_OTLP_ENDPOINT = collector.url
process.env.OTEL_BSP_SCHEDULE_DELAY = '200'

const stack = useStack()
afterAll(() => collector.close())

const traceId = randomBytes(16).toString('hex')
let purchaseId: string
let clientSecretOf: string
let refundRequest: string

/** One purchase that is paid and refunded; the refund by somebody whose trace goes on here. */
beforeAll(async () => {
  const { stack: at, client, newUser, create, pay, waitForStatus, home } = stack()
  const viewer = await client(newUser())
  const created = await create(viewer)
  purchaseId = created.purchaseId
  clientSecretOf = created.sessionId
  await pay(created.sessionId)
  await waitForStatus(viewer, purchaseId, 'Completed')
  const answer = await fetch(`${at.api}/admin/v1/pay-to-view/purchases/${purchaseId}/refund`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await issueToken(home, 'root', { admin: true })}`,
      traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01`,
    },
  })
  expect(answer.status).toBe(200)
  refundRequest = answer.headers.get('x-request-id') ?? ''
  await waitForStatus(viewer, purchaseId, 'Refunded')
}, 120_000)

const linesOf = (part: 'server' | 'worker') =>
  readLog(stack().logFolder, part).lines.filter((line) => line.purchaseId === purchaseId)

test('one purchase is followed by its id through the logs of server and worker, to the calls at Stripe', async () => {
  const server = await waitFor(
    'the log of the refund',
    () => {
      const lines = linesOf('server')
      return lines.some(({ msg, requestId }) => msg === 'request' && requestId === refundRequest) ? lines : null
    },
    { timeoutMs: 10_000 },
  )
  const created = server.find(({ operation }) => operation === 'POST /v1/checkout/sessions')
  expect(created).toMatchObject({ msg: 'stripe call', status: 200, stripeRequestId: expect.stringMatching(/./) })
  expect(created?.durationMs).toBeGreaterThan(0)
  // The request that made it is the one of the same line's requestId.
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
      requestId: refundRequest,
      stripeRequestId: expect.stringMatching(/./),
    }),
  )
})

test('no log holds a key, a client secret, a token or a password', async () => {
  for (const part of ['server', 'worker'] as const) {
    const { text } = readLog(stack().logFolder, part)
    expect(findSecretStrictly(text)).toBeNull()
    expect(text).not.toContain(`${clientSecretOf}_secret_`)
    expect(text).not.toContain(stack().stack.webhookSecret)
  }
})

test('one trace goes from the HTTP request through the workflow to the refund at Stripe', async () => {
  const way = ['POST /admin/v1/pay-to-view/purchases/:id/refund', 'executeRefund', 'Stripe POST /v1/refunds'] as const
  const spans = await waitFor(
    'the spans of the refund',
    () => {
      const found = collector.trace(traceId)
      return way.every((name) => found.some((span) => span.name === name)) ? found : null
    },
    { timeoutMs: 20_000 },
  )
  const [http, activity, stripe] = way.map((name) => spans.find((span) => span.name === name))
  expect(http?.service).toBe('pay-to-view-server')
  expect(activity).toMatchObject({ service: 'pay-to-view-worker', parentSpanId: http?.spanId })
  expect(stripe).toMatchObject({ service: 'pay-to-view-worker', parentSpanId: activity?.spanId })
})

const read = (file: string): string => readFileSync(new URL(`../../docs/${file}`, import.meta.url), 'utf8')

test('every metric that the dashboard and the alert rules name is there', async () => {
  const { api, worker } = stack().stack
  const metrics = (await Promise.all([api, worker].map(async (url) => (await fetch(`${url}/metrics`)).text()))).join('\n')
  const known = new Set([...metrics.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name))
  const text = read('observability/dashboard.json') + read('observability/alerts.yml')
  const named = new Set(
    [...text.matchAll(/\b(?:pay_to_view|nodejs)_\w+/g)].map(([name]) => name.replace(/_(bucket|count|sum)$/, '')),
  )
  expect(named.size).toBeGreaterThan(12)
  expect([...named].filter((name) => !known.has(name))).toEqual([])
  // And the purchase has left its traces in them.
  for (const line of [
    /^pay_to_view_purchases_total\{status="Completed"\} 1$/m,
    /^pay_to_view_purchases_total\{status="Refunded"\} 1$/m,
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

test('every kind of drift has its row in the runbook', () => {
  const rows = [...read('operations.md').matchAll(/^\| `([a-z]+_[a-z_]+)` +\|/gm)].map(([, name]) => name)
  expect(rows).toEqual(expect.arrayContaining([...driftKinds]))
})

test('every alert rule has its row in the runbook, and every row its rule', () => {
  const rules = [...read('observability/alerts.yml').matchAll(/- alert: (\w+)/g)].map(([, name]) => name)
  const rows = [...read('operations.md').matchAll(/^\| `([A-Z]\w+)` +\|/gm)].map(([, name]) => name)
  expect(rows).toEqual(rules)
})
