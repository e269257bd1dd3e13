import { readFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'

const Line = z.looseObject({
  service: z.string(),
  msg: z.string(),
  requestId: z.string().optional(),
  purchaseId: z.string().optional(),
  eventId: z.string().optional(),
  activity: z.string().optional(),
  operation: z.string().optional(),
  stripeRequestId: z.string().nullish(),
  durationMs: z.number().optional(),
})

export type LogLine = z.infer<typeof Line>

/** Returns a service's log as text and as parsed JSON lines, without Node's own warnings. */
export const readLog = (folder: string, service: 'server' | 'worker'): { text: string; lines: LogLine[] } => {
  const text = readFileSync(path.join(folder, `${service}.log`), 'utf8')
  const completeLines = text.slice(0, text.lastIndexOf('\n') + 1)
  return {
    text,
    lines: completeLines
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => Line.parse(JSON.parse(line))),
  }
}
