import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { decodePayloads, mapProperties } from '@pay-to-view/testing/history-text'
import { type Client, isGrpcServiceError, type WorkflowHandle } from '@temporalio/client'
import proto from '@temporalio/proto'
import { z } from 'zod'

export type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>
export type Run = { workflowId: string; history: History }

/** The histories of purchases and entity jobs; the subfolder `webhooks` has the histories of deliveries. */
const folder = fileURLToPath(new URL('../../histories', import.meta.url))

export const webhookHistories = path.join(folder, 'webhooks')

export const historyText = ({ history }: Run): string => decodePayloads(JSON.stringify(history))

/** Replaces values that identify the machine, which replay does not need. */
const anonymized: Record<string, string> = { identity: 'worker', stackTrace: '', binaryChecksum: '', buildId: '' }
const stickyQueueName = /^\d+@/

/** Writes the histories of a scenario's runs for replay.test.ts: the oldest run first, one event per line. */
export const recordHistories = (name: string, runs: Run[], into = folder): void => {
  const lines = runs.map(({ history }) =>
    (history.events ?? []).map((event) =>
      JSON.stringify(
        mapProperties(JSON.parse(JSON.stringify(event)), (key, value) => {
          if (typeof value !== 'string') return value
          return key === 'name' && stickyQueueName.test(value) ? 'sticky' : (anonymized[key] ?? value)
        }),
      ),
    ),
  )
  const json = lines.map((events) => `{"events":[\n${events.join(',\n')}\n]}`)
  writeFileSync(path.join(into, `${name}.json`), `[${json.join(',')}]\n`)
}

const { History: parser } = proto.temporal.api.history.v1

// Parsed with protobufjs directly, because the SDK's historyFromJSON fails if npm installed protobufjs more than once.
const parseHistories = (json: string): History[] =>
  z
    .array(z.record(z.string(), z.unknown()))
    .parse(JSON.parse(json))
    .map((run) => parser.fromObject(run))

/** Reads all recorded histories of a folder. */
export const readRecordedHistories = (from = folder): { name: string; json: string; runs: History[] }[] =>
  readdirSync(from)
    .filter((file) => file.endsWith('.json'))
    .map((file) => path.basename(file, '.json'))
    .sort()
    .map((name) => {
      const json = readFileSync(path.join(from, `${name}.json`), 'utf8')
      return { name, json, runs: parseHistories(json) }
    })

/** gRPC's status code NOT_FOUND. */
const grpcNotFound = 5

/** Returns null if the run was deleted. */
const fetchHistory = async (client: Client, workflowId: string, runId: string): Promise<Run['history'] | null> => {
  try {
    return await client.workflow.getHandle(workflowId, runId).fetchHistory()
  } catch (error) {
    if (isGrpcServiceError(error) && error.code === grpcNotFound) return null
    throw error
  }
}

/** The histories of the runs that still exist. */
export const fetchHistories = async (client: Client, workflowIdByRun: ReadonlyMap<string, string>): Promise<Run[]> => {
  const runs: Run[] = []
  for (const [runId, workflowId] of workflowIdByRun) {
    const history = await fetchHistory(client, workflowId, runId)
    if (history) runs.push({ workflowId, history })
  }
  return runs
}
