/** A request as a caller writes it: `body` goes as it is when it is text, else as JSON. */
export interface Sent {
  token?: string | undefined
  body?: unknown
  headers?: Record<string, string>
}

export const createHttp = (base: () => string) => {
  const send = async (method: string, path: string, { token, body, headers = {} }: Sent = {}) => {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
    const answer = await fetch(base() + path, {
      method,
      redirect: 'manual',
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(text !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(text !== undefined && { body: text }),
    })
    const told = await answer.text()
    const type = answer.headers.get('content-type')
    const read: unknown = type?.includes('json') && told !== '' ? JSON.parse(told) : told
    return { status: answer.status, type, headers: answer.headers, body: read }
  }
  return {
    send,
    get: (path: string, sent?: Sent) => send('GET', path, sent),
    post: (path: string, sent?: Sent) => send('POST', path, sent),
  }
}
