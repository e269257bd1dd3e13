import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { decodePayloads, mapProperties } from '@pay-to-view/testing/history-text'
import type { WorkflowHandle } from '@temporalio/client'
import proto from '@temporalio/proto'
import { z } from 'zod'

export type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>
export type Run = { workflowId: string; history: History }

const folder = fileURLToPath(new URL('../../histories', import.meta.url))

export const textOf = ({ history }: Run): string => decodePayloads(JSON.stringify(history))

/** Where the worker ran and with which folders, which replay does not need. */
const anonymous: Record<string, string> = { identity: 'worker', stackTrace: '', binaryChecksum: '', buildId: '' }
const stickyQueue = /^\d+@/

/** Writes a life down for replay.test.ts: the histories of its runs, the oldest first, an event a line. */
export const record = (name: string, runs: Run[]): void => {
  const lines = runs.map(({ history }) =>
    (history.events ?? []).map((event) =>
      JSON.stringify(
        mapProperties(JSON.parse(JSON.stringify(event)), (key, value) => {
          if (typeof value !== 'string') return value
          return key === 'name' && stickyQueue.test(value) ? 'sticky' : (anonymous[key] ?? value)
        }),
      ),
    ),
  )
  const json = lines.map((events) => `{"events":[\n${events.join(',\n')}\n]}`)
  writeFileSync(path.join(folder, `${name}.json`), `[${json.join(',')}]\n`)
}

const { History: parser } = proto.temporal.api.history.v1

// protobufjs' own JSON: the SDK's historyFromJSON fails where npm has installed protobufjs more than once.
const read = (json: string): History[] =>
  z
    .array(z.record(z.string(), z.unknown()))
    .parse(JSON.parse(json))
    .map((run) => parser.fromObject(run))

/** Every life that was written down. */
export const recorded = (): { name: string; json: string; runs: History[] }[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => {
      const json = readFileSync(path.join(folder, file), 'utf8')
      return { name: path.basename(file, '.json'), json, runs: read(json) }
    })
