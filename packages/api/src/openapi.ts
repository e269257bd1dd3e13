import type { ApiKeyScope } from '@pay-to-view/db'
import { z } from 'zod'
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponsesObject,
} from 'zod-openapi'
import { csvColumns } from './admin/purchases/csv.ts'
import { exportQuery } from './admin/purchases/export.ts'
import { transactionColumns } from './admin/reports/csv.ts'
import { transactionsExportQuery } from './admin/reports/export.ts'
import { type ErrorCode, errors } from './error-table.ts'
import { problem } from './problem.ts'
import type { SuccessStatus } from './rest-meta.ts'
import { type RestProcedure, restProcedures } from './rest-procedures.ts'
import { webhookMessages } from './webhooks/messages.ts'

/** Errors that can occur before a request is routed. */
const requestErrors: readonly ErrorCode[] = ['validation', 'request_timeout', 'headers_too_large', 'internal']

/** Errors of every operation. If a token is sent, it is verified on public paths too. */
const commonErrors: readonly ErrorCode[] = [
  ...requestErrors,
  ...(['unauthorized', 'rate_limited'] as const),
  ...(['overloaded', 'auth_unavailable', 'database_unavailable'] as const),
]
const bodyErrors: readonly ErrorCode[] = ['payload_too_large', 'unsupported_media_type']

const responseHeaders: Partial<Record<number, z.ZodObject>> = {
  401: z.object({ 'WWW-Authenticate': z.string() }),
  429: z.object({ 'Retry-After': z.int().meta({ description: 'Seconds' }) }),
  503: z.object({ 'Retry-After': z.int().meta({ description: 'Seconds' }) }),
}

const problemResponses = (codes: readonly ErrorCode[]): ZodOpenApiResponsesObject => {
  const statuses = [...new Set(codes.map((code) => errors[code][0]))].sort()
  return Object.fromEntries(
    statuses.map((status) => {
      const codesOfStatus = [...new Set(codes)].filter((code) => errors[code][0] === status)
      const schema = {
        allOf: [
          { $ref: '#/components/schemas/Problem' },
          { type: 'object' as const, properties: { status: { const: status }, code: { enum: codesOfStatus } } },
        ],
      }
      const description = codesOfStatus.map((code) => `\`${code}\`: ${errors[code][2]}`).join('; ')
      return [
        String(status),
        { description, headers: responseHeaders[status], content: { 'application/problem+json': { schema } } },
      ]
    }),
  )
}

const jsonResponse = (schema: z.ZodType, description = 'OK') => ({ description, content: { 'application/json': { schema } } })

const descriptions: Record<SuccessStatus, string> = { 200: 'OK', 201: 'Created', 202: 'Accepted', 204: 'No content' }

const locationHeader = z.object({ Location: z.string().meta({ description: 'The path that returns the progress' }) })

const successResponse = (status: SuccessStatus, output: z.ZodType) => {
  if (status === 204) return { description: descriptions[status] }
  const hasLocation = status === 202 && output instanceof z.ZodObject && 'location' in output.shape
  return { ...jsonResponse(output, descriptions[status]), ...(hasLocation && { headers: locationHeader }) }
}

const successResponses = (statuses: readonly SuccessStatus[], output: z.ZodType): ZodOpenApiResponsesObject =>
  Object.fromEntries(statuses.map((status) => [String(status), successResponse(status, output)]))

type Access = Partial<Pick<RestProcedure, 'rest' | 'operator'>>

/** Describes who may call an operation. The required scope of an API key is listed where OpenAPI 3.1 expects required roles. */
const permission = ({
  rest,
  operator,
}: Access): Pick<ZodOpenApiOperationObject, 'security' | 'description'> & { 'x-scope'?: ApiKeyScope } => {
  if (!operator) return { security: rest?.public ? [] : [{ bearer: [] }] }
  const { scope } = operator
  if (scope === undefined) return { security: [{ bearer: [] }], description: "Requires an admin's token." }
  return {
    security: [{ bearer: [] }, { apiKey: [scope] }],
    description: `Requires an admin's token, or an API key with the \`${scope}\` scope.`,
    'x-scope': scope,
  }
}

/** Errors for callers without permission. API keys cannot call users' paths. */
const permissionErrors = ({ rest, operator }: Access): readonly ErrorCode[] => {
  if (!operator) return rest?.public ? [] : ['user_token_required']
  return ['forbidden', operator.scope === undefined ? 'admin_token_required' : 'scope_missing']
}

const toOperation = (procedure: RestProcedure): ZodOpenApiOperationObject => {
  const { name, rest, input, isStrict, output } = procedure
  const { method, path, headers = {}, tag, summary, statuses = [200] } = rest
  const hasBody = method !== 'GET' && method !== 'DELETE'
  const location = (field: string) =>
    path.includes(`{${field}}`) ? 'path' : field in headers ? 'header' : hasBody ? 'body' : 'query'
  const fieldsIn = (place: ReturnType<typeof location>) =>
    Object.fromEntries(
      Object.entries(input)
        .filter(([field]) => location(field) === place)
        .map(([field, schema]) => [headers[field] ?? field, schema]),
    )
  const body = isStrict ? z.strictObject(fieldsIn('body')) : z.object(fieldsIn('body'))
  return {
    operationId: name.replaceAll('.', '-'),
    summary,
    tags: [tag],
    ...permission(procedure),
    requestParams: {
      // A path parameter is always required, even where the procedure would generate a missing id.
      path: z.object(fieldsIn('path')).required(),
      query: z.object(fieldsIn('query')),
      header: z.object(fieldsIn('header')),
    },
    ...(hasBody && {
      requestBody: { required: !body.safeParse({}).success, content: { 'application/json': { schema: body } } },
    }),
    responses: {
      ...successResponses(statuses, output),
      ...problemResponses([
        ...commonErrors,
        ...(method === 'GET' ? [] : bodyErrors),
        ...permissionErrors(procedure),
        ...(rest.errors ?? []),
      ]),
    },
  }
}

const csvPermission = { operator: { scope: 'purchases:read' } } as const

/** This operation is not a procedure, because it streams (apps/server/src/export.ts). */
const csvExport: ZodOpenApiOperationObject = {
  operationId: 'admin-purchases-export',
  summary: 'Export purchases as CSV',
  tags: ['admin'],
  ...permission(csvPermission),
  requestParams: { query: exportQuery },
  responses: {
    200: {
      description: `One line per purchase, newest first, with the columns ${csvColumns.join(', ')}`,
      content: { 'text/csv': { schema: { type: 'string' } } },
    },
    ...problemResponses([...commonErrors, ...permissionErrors(csvPermission)]),
  },
}

const reportsPermission = { operator: { scope: 'reports:read' } } as const

/** This operation is not a procedure, because it streams (apps/server/src/export.ts). */
const transactionsExport: ZodOpenApiOperationObject = {
  operationId: 'admin-reports-transactions-export',
  summary: 'Export transactions of a period or of a payout as CSV',
  tags: ['admin'],
  ...permission(reportsPermission),
  requestParams: { query: transactionsExportQuery },
  responses: {
    200: {
      description: `One line per payment, refund, dispute and fee, oldest first, with the columns ${transactionColumns.join(', ')}`,
      content: { 'text/csv': { schema: { type: 'string' } } },
    },
    ...problemResponses([...commonErrors, ...permissionErrors(reportsPermission), 'payout_not_found']),
  },
}

/** This operation is not a procedure, because the signature is computed over the raw body. */
const webhook: ZodOpenApiOperationObject = {
  operationId: 'webhooks-stripe',
  summary: 'Receive a Stripe event',
  tags: ['stripe'],
  security: [],
  requestParams: {
    header: z.object({
      'Stripe-Signature': z
        .string()
        .meta({ example: 't=1732406400,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd' }),
    }),
  },
  requestBody: {
    required: true,
    content: { 'application/json': { schema: { type: 'object', description: 'A Stripe event' } } },
  },
  responses: {
    200: jsonResponse(z.object({ received: z.literal(true) })),
    ...problemResponses([
      ...requestErrors,
      ...(['payload_too_large', 'unsupported_media_type', 'overloaded', 'webhook_not_processed'] as const),
      ...(['database_unavailable', 'temporal_unavailable', 'stripe_unavailable'] as const),
    ]),
  },
}

/** Source: Standard Webhooks 1.0. */
const signatureHeaders = z.object({
  'webhook-id': z
    .string()
    .meta({ description: 'Id of the message, the same for every attempt', example: 'msg_01m85eetz2e8qthwsqr5v0dh8g' }),
  'webhook-timestamp': z.string().meta({ description: 'Time of the attempt in seconds since the epoch' }),
  'webhook-signature': z.string().meta({ description: 'Signatures in base64, separated by spaces: `v1,…`' }),
})

const methodKeys = { GET: 'get', POST: 'post', PUT: 'put', PATCH: 'patch', DELETE: 'delete' } as const

/** The messages that the site's endpoints receive, as OpenAPI 3.1 webhooks. */
const outgoingWebhooks = (): ZodOpenApiPathsObject =>
  Object.fromEntries(
    Object.entries(webhookMessages).map(([type, schema]) => [
      type,
      {
        post: {
          operationId: `webhook-${type.replaceAll('.', '-')}`,
          summary: type,
          description: schema.description,
          tags: ['webhooks'],
          requestParams: { header: signatureHeaders },
          requestBody: { required: true, content: { 'application/json': { schema } } },
          responses: { '2XX': { description: 'The message was received. Any other status makes pay-to-view send it again.' } },
        } satisfies ZodOpenApiOperationObject,
      },
    ]),
  )

/** The OpenAPI document of the REST paths, generated from the schemas of their procedures. */
export const openApiDocument = () => {
  const paths: ZodOpenApiPathsObject = {
    '/client/v1/webhooks/stripe': { post: webhook },
    '/admin/v1/pay-to-view/purchases.csv': { get: csvExport },
    '/admin/v1/pay-to-view/reports/transactions.csv': { get: transactionsExport },
  }
  for (const procedure of restProcedures()) {
    const { path, method } = procedure.rest
    paths[path] = { ...paths[path], [methodKeys[method]]: toOperation(procedure) }
  }
  return createDocument(
    {
      openapi: '3.1.0',
      info: { title: 'Pay-to-view', version: '1.0.0' },
      // The URL is relative to this document, so it is correct behind any proxy.
      servers: [{ url: '/' }],
      paths,
      webhooks: outgoingWebhooks(),
      components: {
        schemas: { Problem: problem },
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
          apiKey: { type: 'http', scheme: 'bearer', description: "An API key, `ptvk_…`, with the operation's scope" },
        },
      },
    },
    {
      // Responses allow additional fields, because a later version may add fields.
      override: ({ jsonSchema, io }) => {
        if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
      },
    },
  )
}
