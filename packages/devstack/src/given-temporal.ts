import type { Temporal } from './given.ts'
import { SEARCH_ATTRIBUTES } from './temporal-server.ts'
import { waitFor } from './wait.ts'

// temporal.api.enums.v1.IndexedValueType: INDEXED_VALUE_TYPE_KEYWORD
const KEYWORD = 2

/** Registers our search attributes at a Temporal that is given, and waits until they can be used: without them no workflow can be started. */
export const prepareTemporal = async (
  temporal: Temporal,
  { say, signal }: { say: (line: string) => void; signal: AbortSignal },
) => {
  const { address, namespace, apiKey, tls = false } = temporal
  // Not at the top: Temporal's SDK takes half a second to load, and only a given server needs it here.
  const { createTemporalClient } = await import('@pay-to-view/workflow-client/connection')
  const { connection, workflow } = createTemporalClient({ address, namespace, apiKey, tls })
  const within = <T>(call: () => Promise<T>) => connection.withDeadline(Date.now() + 10_000, call)
  try {
    const known = await within(() => connection.operatorService.listSearchAttributes({ namespace })).catch((error: unknown) => {
      throw new Error(`Temporal at ${address} (namespace ${namespace}) does not answer: ${reason(error)}`, { cause: error })
    })
    const missing = SEARCH_ATTRIBUTES.filter((name) => !(name in known.customAttributes))
    if (missing.length === 0) return
    say(`Registering ${missing.join(', ')} at Temporal`)
    const searchAttributes = Object.fromEntries(missing.map((name) => [name, KEYWORD]))
    await within(() => connection.operatorService.addSearchAttributes({ namespace, searchAttributes })).catch(
      (error: unknown) => {
        throw new Error(`${byHand(temporal, missing)}\n(${reason(error)})`, { cause: error })
      },
    )
    // Its services see a new attribute with their next look at the namespace.
    await waitFor(
      'the search attributes to be usable',
      async () => within(() => workflow.count(`${missing.map((name) => `${name} = ""`).join(' AND ')}`)),
      { within: 60_000, every: 250, signal },
    )
  } finally {
    await connection.close()
  }
}

const byHand = (
  { address, namespace }: Temporal,
  missing: readonly string[],
) => `Temporal at ${address} does not let us register the search attributes. Do it once by hand:
  temporal operator search-attribute create --address ${address} --namespace ${namespace} ${missing.map((name) => `--name ${name} --type Keyword`).join(' ')}
or, at Temporal Cloud:
  tcld namespace search-attributes add --namespace ${namespace} ${missing.map((name) => `--search-attribute "${name}=Keyword"`).join(' ')}`

const reason = (error: unknown) => (error instanceof Error ? error.message : String(error))
