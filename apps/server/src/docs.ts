import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import { openApiDocument } from '@pay-to-view/api'
import type { FastifyPluginAsync } from 'fastify'
import { publicCompression } from './compression.ts'

/** Serves the OpenAPI document at /openapi.json and Swagger UI at /docs, which loads no files from other hosts. */
export const serveDocs: FastifyPluginAsync = async (app) => {
  const document = openApiDocument()
  app.get('/openapi.json', { compress: publicCompression }, async () => document)
  // The document is copied, because the plugin declares a different type for it and may modify it.
  await app.register(swagger, { mode: 'static', specification: { document: JSON.parse(JSON.stringify(document)) } })
  await app.register(swaggerUi, { routePrefix: '/docs', uiConfig: { validatorUrl: null, tryItOutEnabled: true } })
}
