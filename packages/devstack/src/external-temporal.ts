import type { TemporalConnection } from './external-services.ts'
import { searchAttributeNames } from './temporal-server.ts'
import { waitFor } from './wait.ts'

// The value of INDEXED_VALUE_TYPE_KEYWORD in temporal.api.enums.v1.IndexedValueType.
const keywordType = 2

/**
 * Registers our search attributes in an external Temporal server and waits until they can be used, because Temporal rejects the start of a
 * workflow with an unknown search attribute.
 */
export const registerSearchAttributes = async (
  temporal: TemporalConnection,
  { log, signal }: { log: (line: string) => void; signal: AbortSignal },
) => {
  const { address, namespace, apiKey, tls = false } = temporal
  // Imported only when needed, because Temporal's SDK takes half a second to load.
  const { createTemporalClient } = await import('@pay-to-view/workflow-client/connection')
  const { connection, workflow } = createTemporalClient({ address, namespace, apiKey, tls })
  const withDeadline = <T>(call: () => Promise<T>) => connection.withDeadline(Date.now() + 10_000, call)
  try {
    const registered = await withDeadline(() => connection.operatorService.listSearchAttributes({ namespace })).catch(
      (error: unknown) => {
        throw new Error(`Temporal at ${address} (namespace ${namespace}) is unavailable: ${messageOf(error)}`, { cause: error })
      },
    )
    const missing = searchAttributeNames.filter((name) => !(name in registered.customAttributes))
    if (missing.length === 0) return
    log(`Registering ${missing.join(', ')} with Temporal`)
    const searchAttributes = Object.fromEntries(missing.map((name) => [name, keywordType]))
    await withDeadline(() => connection.operatorService.addSearchAttributes({ namespace, searchAttributes })).catch(
      (error: unknown) => {
        throw new Error(`${instructions(temporal, missing)}\n(${messageOf(error)})`, { cause: error })
      },
    )
    // Temporal's services load new attributes the next time they refresh the namespace.
    await waitFor(
      'the search attributes to be usable',
      async () => withDeadline(() => workflow.count(`${missing.map((name) => `${name} = ""`).join(' AND ')}`)),
      { timeoutMs: 60_000, intervalMs: 250, signal },
    )
  } finally {
    await connection.close()
  }
}

const instructions = (
  { address, namespace }: TemporalConnection,
  missing: readonly string[],
) => `Temporal at ${address} does not allow us to register the search attributes. Register them once yourself:
  temporal operator search-attribute create --address ${address} --namespace ${namespace} ${missing.map((name) => `--name ${name} --type Keyword`).join(' ')}
or, in Temporal Cloud:
  tcld namespace search-attributes add --namespace ${namespace} ${missing.map((name) => `--search-attribute "${name}=Keyword"`).join(' ')}`

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
