import { findTemporal, findTemporalTestServer } from '@pay-to-view/devstack/temporal-binary'
import { searchAttributes } from '@pay-to-view/workflow-client/messages'
import { TestWorkflowEnvironment } from '@temporalio/testing'

/** INDEXED_VALUE_TYPE_KEYWORD in Temporal's API. */
const keywordType = 2

/** Starts Temporal's test server, which skips time while no activity is running. */
export const startTimeSkippingServer = async (): Promise<TestWorkflowEnvironment> => {
  const temporal = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: await findTemporalTestServer() } },
  })
  const names = Object.values(searchAttributes).map(({ name }) => [name, keywordType] as const)
  await temporal.connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: Object.fromEntries(names),
  })
  return temporal
}

/**
 * Starts Temporal's dev server. It suggests continue-as-new after the given number of events, and reports a workflow whose task failed
 * twice.
 */
export const startDevServer = async (suggestContinueAsNewAt: number): Promise<TestWorkflowEnvironment> =>
  TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path: await findTemporal() },
      log: { format: 'pretty', level: 'error' },
      searchAttributes: Object.values(searchAttributes),
      extraArgs: [
        ...['--dynamic-config-value', `limit.historyCount.suggestContinueAsNew=${suggestContinueAsNewAt}`],
        ...['--dynamic-config-value', 'system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=2'],
      ],
    },
  })
