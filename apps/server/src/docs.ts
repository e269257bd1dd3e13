import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import { openApiDocument } from '@pay-to-view/api'
import type { FastifyPluginAsync } from 'fastify'

/** /openapi.json, and /docs to read it. Every file of the page comes from here. */
export const serveDocs: FastifyPluginAsync = async (app) => {
  const document = openApiDocument()
  app.get('/openapi.json', async () => document)
  // A copy: the plugin has its own idea of the document's type, and may change it.
  await app.register(swagger, { mode: 'static', specification: { document: JSON.parse(JSON.stringify(document)) } })
  await app.register(swaggerUi, { routePrefix: '/docs', uiConfig: { validatorUrl: null, tryItOutEnabled: true } })
}
