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

/** A part's log as text, and its lines; Node's own warnings stand between them. */
export const readLog = (folder: string, part: 'server' | 'worker'): { text: string; lines: LogLine[] } => {
  const text = readFileSync(path.join(folder, `${part}.log`), 'utf8')
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  return {
    text,
    lines: whole
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => Line.parse(JSON.parse(line))),
  }
}
