import { Agent, request } from 'node:http'

const agent = new Agent({ keepAlive: true, maxSockets: 256 })

export interface Call {
  method?: 'GET' | 'POST'
  headers?: Record<string, string>
  body?: string
}

/** The body of a 200, over connections that are kept. Throws for any other status. */
export const call = (url: string, { method = 'GET', headers = {}, body }: Call = {}): Promise<string> =>
  new Promise((resolve, reject) => {
    const sent = request(url, { method, agent, headers: { ...headers, ...(body !== undefined && json) } }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.once('error', reject)
      answer.once('end', () => {
        const text = Buffer.concat(chunks).toString()
        if (answer.statusCode === 200) resolve(text)
        else reject(new Error(`${method} ${url}: ${answer.statusCode} ${text.slice(0, 500)}`))
      })
    })
    sent.once('error', reject)
    sent.end(body)
  })

const json = { 'content-type': 'application/json' }

/** Connections that nobody uses any more would keep the process. */
export const hangUp = (): void => agent.destroy()
