import { expect, test } from 'vitest'
import { routes } from '../../src/v1/routes.ts'
import { startTestEmulator } from '../harness.ts'
import { document, errorsIn, operationOf } from './document.ts'
import { tour } from './tour.ts'

test('every response of a tour through all endpoints has the shape of the document', async () => {
  const { emulator, helper } = await startTestEmulator({ refundDelaySeconds: 3600 })
  const calls = await tour(emulator.url, helper)
  const covered = new Set(calls.filter(({ status }) => status === 200).map(({ route }) => route))
  expect(routes.map(({ method, path }) => `${method} ${path}`).filter((route) => !covered.has(route))).toEqual([])

  const wrong = calls.flatMap(({ route, method, path, status, body }) => {
    const content = operationOf(method, path)?.responses[status === 200 ? '200' : 'default']?.content['application/json']
    return content ? errorsIn(content.schema, body).map((error) => `${route} ${status}: ${error}`) : []
  })
  expect([...new Set(wrong)]).toEqual([])
}, 60_000)

test('every kind of object in the events of the tour has the shape of the document', async () => {
  const { emulator, helper, stripe } = await startTestEmulator({ refundDelaySeconds: 3600 })
  await tour(emulator.url, helper)
  const kinds = new Set<string>()
  const wrong: string[] = []
  for await (const event of stripe.events.list({ limit: 100 })) {
    const { object } = JSON.parse(JSON.stringify(event.data))
    kinds.add(object.object)
    if (!(object.object in document.components.schemas)) continue
    for (const error of errorsIn({ $ref: `#/components/schemas/${object.object}` }, object)) wrong.push(`${event.type}: ${error}`)
  }
  expect([...new Set(wrong)]).toEqual([])
  expect([...kinds].sort()).toEqual([
    'charge',
    'checkout.session',
    'coupon',
    'customer',
    'dispute',
    'invoice',
    'payment_intent',
    'payout',
    'price',
    'product',
    'promotion_code',
    'radar.early_fraud_warning',
    'refund',
  ])
})
