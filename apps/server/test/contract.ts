import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect } from 'vitest'
import { z } from 'zod'

const Responses = z.record(z.string(), z.looseObject({ content: z.record(z.string(), z.unknown()) }))
export const Document = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), z.looseObject({ responses: Responses }))),
})

interface Answer {
  status: number
  type: string | null
  body: unknown
}

/** Checks answers against the OpenAPI document that the server gives. */
export const createContract = (told: unknown) => {
  const document = Document.parse(told)
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false })
  ajv.addSchema({ ...document, $id: 'https://api.test/openapi.json' })
  const part = (text: string) => encodeURIComponent(text.replaceAll('~', '~0').replaceAll('/', '~1'))
  const seen = new Map<string, Set<number>>()

  return {
    paths: Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    ),
    /** The statuses that were checked, by method and path. */
    seen,
    holds: (operation: string, { status, type, body }: Answer): void => {
      const [method = '', path = ''] = operation.split(' ')
      const media = type?.split(';')[0] ?? ''
      const said = document.paths[path]?.[method.toLowerCase()]?.responses[status]?.content[media]
      expect(said, `${operation} may answer ${status} with ${media}`).toBeDefined()
      const pointer = ['paths', path, method.toLowerCase(), 'responses', String(status), 'content', media, 'schema']
      const check = ajv.compile({ $ref: `https://api.test/openapi.json#/${pointer.map(part).join('/')}` })
      expect(check(body) ? [] : check.errors, `${operation} ${status} ${JSON.stringify(body)}`).toEqual([])
      seen.set(operation, (seen.get(operation) ?? new Set()).add(status))
    },
  }
}
