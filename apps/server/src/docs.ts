import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import { openApiDocument } from '@pay-to-view/api'
import type { FastifyPluginAsync } from 'fastify'
import { publicCompression } from './compression.ts'

/** Serves /openapi.json, and /docs to browse it, without loading files from other hosts. */
export const serveDocs: FastifyPluginAsync = async (app) => {
  const document = openApiDocument()
  app.get('/openapi.json', { compress: publicCompression }, async () => document)
  // A copy, because the plugin has its own type for the document and may modify it.
  await app.register(swagger, { mode: 'static', specification: { document: JSON.parse(JSON.stringify(document)) } })
  await app.register(swaggerUi, { routePrefix: '/docs', uiConfig: { validatorUrl: null, tryItOutEnabled: true } })
}
