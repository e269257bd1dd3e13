import { request } from 'node:http'

/** A string body is sent unchanged; any other body is sent as JSON. */
export interface RequestOptions {
  token?: string | undefined
  body?: unknown
  headers?: Record<string, string>
}

export const createHttpClient = (baseUrl: () => string) => {
  const send = async (method: string, path: string, { token, body, headers = {} }: RequestOptions = {}) => {
    const requestText = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
    const response = await fetch(baseUrl() + path, {
      method,
      redirect: 'manual',
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(requestText !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(requestText !== undefined && { body: requestText }),
    })
    const text = await response.text()
    const type = response.headers.get('content-type')
    const responseBody: unknown = type?.includes('json') && text !== '' ? JSON.parse(text) : text
    return { status: response.status, type, headers: response.headers, body: responseBody }
  }
  /** Sends a path unchanged, whereas fetch would normalize it. */
  const sendRaw = (path: string, method = 'GET', headers: Record<string, string> = {}) =>
    new Promise<{ status: number | undefined; body: string; headers: Record<string, unknown> }>((resolve, reject) => {
      const { hostname, port } = new URL(baseUrl())
      request({ hostname, port, path, method, headers }, async (response) => {
        resolve({ status: response.statusCode, body: (await response.toArray()).join(''), headers: response.headers })
      })
        .once('error', reject)
        .end()
    })
  return {
    send,
    sendRaw,
    get: (path: string, options?: RequestOptions) => send('GET', path, options),
    post: (path: string, options?: RequestOptions) => send('POST', path, options),
  }
}
