import { generateOpenApiDocument } from 'trpc-to-openapi'
import { appRouter } from './app-router.ts'

/** The OpenAPI document of the REST paths, generated from the schemas of the procedures that they call. */
export const openApiDocument = (baseUrl: string) =>
  generateOpenApiDocument(appRouter, {
    title: 'Pay-to-view',
    version: '1.0.0',
    openApiVersion: '3.1.0',
    baseUrl,
    securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
  })
