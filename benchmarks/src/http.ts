import { Agent, request } from 'node:http'

const agent = new Agent({ keepAlive: true, maxSockets: 256 })

export interface HttpCall {
  method?: 'GET' | 'POST'
  headers?: Record<string, string>
  body?: string
}

const json = { 'content-type': 'application/json' }

/** Sends a request on a keep-alive connection. Returns the body of a 200 response; throws on any other status. */
export const call = (url: string, { method = 'GET', headers = {}, body }: HttpCall = {}): Promise<string> =>
  new Promise((resolve, reject) => {
    const sent = request(url, { method, agent, headers: { ...headers, ...(body !== undefined && json) } }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.once('error', reject)
      response.once('end', () => {
        const text = Buffer.concat(chunks).toString()
        if (response.statusCode === 200) resolve(text)
        else reject(new Error(`${method} ${url} returned ${response.statusCode}: ${text.slice(0, 500)}`))
      })
    })
    sent.once('error', reject)
    sent.end(body)
  })

/** Closes the keep-alive connections, which would otherwise keep the process running. */
export const closeConnections = (): void => agent.destroy()
