import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect } from 'vitest'
import { z } from 'zod'

const Responses = z.record(z.string(), z.looseObject({ content: z.record(z.string(), z.unknown()).optional() }))
export const Document = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), z.looseObject({ responses: Responses }))),
})

interface ApiResponse {
  status: number
  type: string | null
  body: unknown
}

/** Returns functions that check responses against the server's OpenAPI document. */
export const createContractChecker = (openApi: unknown) => {
  const document = Document.parse(openApi)
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false })
  ajv.addSchema({ ...document, $id: 'https://api.test/openapi.json' })
  const pointerSegment = (text: string) => encodeURIComponent(text.replaceAll('~', '~0').replaceAll('/', '~1'))
  const seenStatuses = new Map<string, Set<number>>()

  return {
    paths: Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    ),
    /** The statuses that have been checked, by operation. */
    seenStatuses,
    expectValid: (operation: string, { status, type, body }: ApiResponse): void => {
      const [method = '', path = ''] = operation.split(' ')
      const mediaType = type?.split(';')[0] ?? ''
      const response = document.paths[path]?.[method.toLowerCase()]?.responses[status]
      seenStatuses.set(operation, (seenStatuses.get(operation) ?? new Set()).add(status))
      if (status === 204) {
        expect([response, body], `${operation} documents 204 without a body`).toEqual([expect.anything(), ''])
        return
      }
      expect(response?.content?.[mediaType], `${operation} documents ${status} with ${mediaType}`).toBeDefined()
      const pointer = ['paths', path, method.toLowerCase(), 'responses', String(status), 'content', mediaType, 'schema']
      const validate = ajv.compile({ $ref: `https://api.test/openapi.json#/${pointer.map(pointerSegment).join('/')}` })
      expect(validate(body) ? [] : validate.errors, `${operation} ${status} ${JSON.stringify(body)}`).toEqual([])
    },
  }
}
