import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { webhookMessages } from '@pay-to-view/api'
import { repositoryRoot } from '@pay-to-view/devstack'
import { webhookMessageTypes } from '@pay-to-view/purchase'
import { expect, test } from 'vitest'
import { z } from 'zod'

const file = path.join(repositoryRoot, 'docs/webhooks.md')

type Schema = z.core.JSONSchema.JSONSchema

const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null

const purchase = { entityId: 'vid_01m85eetz2e8qthwsqr5v0dh8g', payToViewProductId: 'prod_01m85eetz6e8qthwvnjjs5zz41' }
const ids = {
  ...purchase,
  grantId: 'grant_01m85eetz2e8qthwsqr5v0dh8g',
  externalTransactionId: 'pi_3TbkYp2eZvKYlo2C1x8q9',
  requestId: null,
}
const paid = { amount: 499, amountSubtotal: 499, amountPaid: 499, amountDiscount: 0, amountTax: 0, amountRefunded: 0 }
const times = {
  ...{ timestamp: '2026-11-28T12:00:02.114Z', createdAt: '2026-11-28T11:58:10.002Z', completedAt: '2026-11-28T12:00:01.000Z' },
  ...{ startsAt: '2026-11-28T12:00:02.101Z', expiresAt: '2026-12-28T12:00:01.000Z', refundedAt: null },
}
const none = {
  consent: null,
  withdrawnAt: null,
  promotionCode: null,
  invoiceUrl: null,
  invoicePdfUrl: null,
  rental: null,
  processing: false,
  hasAccess: true,
}
const base: Record<string, unknown> = { ...ids, ...paid, ...times, ...none, status: 'Completed', currencyPaid: 'usd' }

const noAccess = { hasAccess: false }
const unpaid = {
  ...{ amountSubtotal: 0, amountPaid: 0, currencyPaid: null, externalTransactionId: null, completedAt: null },
  ...{ startsAt: null, expiresAt: null, ...noAccess },
}
const refundedAt = '2026-11-29T09:30:00.000Z'

/** The values in which each type's example differs from the base. */
const examples: Record<keyof typeof webhookMessages, Record<string, unknown>> = {
  'purchase.completed': {},
  'purchase.expired': { ...unpaid, status: 'Expired' },
  'purchase.failed': { ...unpaid, status: 'Failed' },
  'purchase.refunded': { ...noAccess, status: 'Refunded', amountRefunded: 499, refundedAt },
  'purchase.disputed': { ...noAccess, status: 'Disputed' },
  'purchase.dispute_closed': { ...noAccess, status: 'ChargedBack' },
  'refund.updated': { amountRefunded: 100 },
  'access.granted': {},
  'access.changed': { expiresAt: '2027-01-28T12:00:01.000Z' },
  'access.revoked': { ...noAccess, expiresAt: refundedAt },
}

/** Returns an example for a schema: the given value, the schema's own example, or the first value that the schema allows. */
const exampleOf = (schema: Schema, name: string, values: Record<string, unknown>): unknown => {
  if (schema.type === 'object') {
    const nested = name === 'refund' ? { amount: 100, status: 'succeeded', createdAt: refundedAt } : {}
    const entries = Object.entries(schema.properties ?? {})
    return Object.fromEntries(
      entries.map(([field, value]) => [field, isSchema(value) ? exampleOf(value, field, { ...values, ...nested }) : null]),
    )
  }
  if (schema.const !== undefined) return schema.const
  if (Object.hasOwn(values, name)) return values[name]
  if (schema.example !== undefined) return schema.example
  const [first] = schema.enum ?? schema.anyOf ?? []
  return isSchema(first) ? exampleOf(first, name, values) : first
}

const typeOf = (schema: Schema): string => {
  if (schema.anyOf) return [...new Set(schema.anyOf.map((option) => (isSchema(option) ? typeOf(option) : '')))].join(' or ')
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(', ')
  const types = Array.isArray(schema.type) ? schema.type.join(' or ') : String(schema.type)
  return schema.const === undefined ? types : `\`${schema.const}\``
}

const fieldsOf = (schema: Schema): string[][] =>
  Object.entries(schema.properties ?? {}).flatMap(([name, value]) => {
    if (!isSchema(value)) return []
    const nested = value.type === 'object' ? fieldsOf(value).map(([field = '', ...rest]) => [`${name}.${field}`, ...rest]) : []
    const description = (value.description ?? '').replaceAll('|', '\\|')
    return value.type === 'object' ? [[name, 'object', description], ...nested] : [[name, typeOf(value), description]]
  })

/** Formats a Markdown table in which every column is as wide as its widest cell. */
const markdownTable = (rows: string[][]): string => {
  const [head = [], ...body] = rows
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n')
}

const tableOf = (type: keyof typeof webhookMessages): string => {
  const data = z.toJSONSchema(webhookMessages[type], { io: 'input' }).properties?.data
  return markdownTable([
    ['field of `data`', 'type', 'meaning'],
    ...(isSchema(data) ? fieldsOf(data) : []).map(([name, ...rest]) => [`\`${name}\``, ...rest]),
  ])
}

const sectionOf = (type: keyof typeof webhookMessages): string => {
  const schema = z.toJSONSchema(webhookMessages[type], { io: 'input' })
  const example = exampleOf(schema, '', { ...base, ...examples[type] })
  // Throws if the schema rejects the example.
  webhookMessages[type].parse(example)
  return [`### ${type}`, webhookMessages[type].description, `\`\`\`json\n${JSON.stringify(example, null, 2)}\n\`\`\``].join(
    '\n\n',
  )
}

const generated = (): string =>
  [
    '## The fields',
    'A `purchase.*` message has the same fields as a purchase in the purchase history, plus `userId` and `version`.',
    tableOf('purchase.completed'),
    '`refund.updated` has the same fields, plus `refund`. An `access.*` message has:',
    tableOf('access.granted'),
    '## The messages',
    ...webhookMessageTypes.map(sectionOf),
  ].join('\n\n')

test('docs/webhooks.md contains the fields and an example of each message, as generated from the schemas', () => {
  const text = readFileSync(file, 'utf8')
  const [prose = ''] = text.split('## The fields')
  const expected = `${prose}${generated()}\n`
  if (process.env.UPDATE_WEBHOOKS) writeFileSync(file, expected)
  // To update the document: UPDATE_WEBHOOKS=1 npx vitest run e2e/test/webhook-docs.test.ts
  else expect(text).toBe(expected)
})
