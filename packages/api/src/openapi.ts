import { z } from 'zod'
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponsesObject,
} from 'zod-openapi'
import { csvColumns } from './admin/purchases/csv.ts'
import { filter } from './admin/purchases/search.ts'
import { type ErrorCode, errors } from './errors.ts'
import { problem } from './problem.ts'
import { type RestProcedure, restProcedures } from './rest-procedures.ts'

/** What is refused before it is known what was asked for. */
const ofRequest: readonly ErrorCode[] = ['validation', 'request_timeout', 'headers_too_large', 'internal']

/** What any call may be told: a token is read wherever one is sent. */
const always: readonly ErrorCode[] = [
  ...ofRequest,
  ...(['unauthorized', 'rate_limited'] as const),
  ...(['overloaded', 'auth_unavailable', 'database_unavailable'] as const),
]
const ofBody: readonly ErrorCode[] = ['payload_too_large', 'unsupported_media_type']

const headers: Partial<Record<number, z.ZodObject>> = {
  401: z.object({ 'WWW-Authenticate': z.string() }),
  429: z.object({ 'Retry-After': z.int().meta({ description: 'Seconds' }) }),
  503: z.object({ 'Retry-After': z.int().meta({ description: 'Seconds' }) }),
}

const problems = (codes: readonly ErrorCode[]): ZodOpenApiResponsesObject => {
  const statuses = [...new Set(codes.map((code) => errors[code][0]))].sort()
  return Object.fromEntries(
    statuses.map((status) => {
      const told = [...new Set(codes)].filter((code) => errors[code][0] === status)
      const schema = {
        allOf: [
          { $ref: '#/components/schemas/Problem' },
          { type: 'object' as const, properties: { status: { const: status }, code: { enum: told } } },
        ],
      }
      const description = told.map((code) => `\`${code}\`: ${errors[code][2]}`).join('; ')
      return [String(status), { description, headers: headers[status], content: { 'application/problem+json': { schema } } }]
    }),
  )
}

const answer = (schema: z.ZodType) => ({ description: 'OK', content: { 'application/json': { schema } } })

const operationOf = ({ name, rest, input, output }: RestProcedure): ZodOpenApiOperationObject => {
  const { method, path, headers = {}, tag, summary } = rest
  const place = (field: string) =>
    path.includes(`{${field}}`) ? 'path' : field in headers ? 'header' : method === 'GET' ? 'query' : 'body'
  const fieldsIn = (where: ReturnType<typeof place>) =>
    z.object(
      Object.fromEntries(
        Object.entries(input)
          .filter(([field]) => place(field) === where)
          .map(([field, schema]) => [headers[field] ?? field, schema]),
      ),
    )
  const [body, security] = [fieldsIn('body'), tag === 'admin' || rest.public !== true ? [{ bearer: [] }] : []]
  return {
    operationId: name.replaceAll('.', '-'),
    summary,
    tags: [tag],
    security,
    requestParams: { path: fieldsIn('path'), query: fieldsIn('query'), header: fieldsIn('header') },
    ...(method === 'POST' && {
      requestBody: { required: !body.safeParse({}).success, content: { 'application/json': { schema: body } } },
    }),
    responses: {
      200: answer(output),
      ...problems([
        ...always,
        ...(method === 'POST' ? ofBody : []),
        ...(tag === 'admin' ? (['forbidden'] as const) : []),
        ...(rest.errors ?? []),
      ]),
    },
  }
}

/** A stream of text, not of one procedure's answer (apps/server/src/export.ts). */
const exported: ZodOpenApiOperationObject = {
  operationId: 'admin-purchases-export',
  summary: 'Purchases as CSV',
  tags: ['admin'],
  security: [{ bearer: [] }],
  requestParams: { query: filter },
  responses: {
    200: {
      description: `A line for each purchase, newest first: ${csvColumns.join(', ')}`,
      content: { 'text/csv': { schema: { type: 'string' } } },
    },
    ...problems([...always, 'forbidden']),
  },
}

/** Its signature is of the raw body, so it is no procedure. */
const webhook: ZodOpenApiOperationObject = {
  operationId: 'webhooks-stripe',
  summary: "Stripe's events",
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
    content: { 'application/json': { schema: { type: 'object', description: 'An event of Stripe' } } },
  },
  responses: {
    200: answer(z.object({ received: z.literal(true) })),
    ...problems([
      ...ofRequest,
      ...(['payload_too_large', 'unsupported_media_type', 'overloaded', 'webhook_not_processed'] as const),
      ...(['database_unavailable', 'temporal_unavailable', 'stripe_unavailable'] as const),
    ]),
  },
}

/** The OpenAPI document of the REST paths, generated from the schemas of the procedures that they call. */
export const openApiDocument = () => {
  const paths: ZodOpenApiPathsObject = {
    '/client/v1/webhooks/stripe': { post: webhook },
    '/admin/v1/pay-to-view/purchases.csv': { get: exported },
  }
  for (const procedure of restProcedures()) {
    const { path, method } = procedure.rest
    paths[path] = { ...paths[path], [method === 'GET' ? 'get' : 'post']: operationOf(procedure) }
  }
  return createDocument(
    {
      openapi: '3.1.0',
      info: { title: 'Pay-to-view', version: '1.0.0' },
      // Relative to this document, so it holds behind any proxy.
      servers: [{ url: '/' }],
      paths,
      components: {
        schemas: { Problem: problem },
        securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      },
    },
    {
      // An answer may have more fields in a later version.
      override: ({ jsonSchema, io }) => {
        if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
      },
    },
  )
}
