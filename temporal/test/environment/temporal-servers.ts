import { findTemporal, findTemporalTestServer } from '@pay-to-view/devstack/temporal-binary'
import { searchAttributes } from '@pay-to-view/workflow-client/messages'
import { TestWorkflowEnvironment } from '@temporalio/testing'

/** INDEXED_VALUE_TYPE_KEYWORD of Temporal's API. */
const keyword = 2

/** Temporal's test server: time stands still for us until we let it go on, and then it skips what nobody works in. */
export const skippingServer = async (): Promise<TestWorkflowEnvironment> => {
  const env = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: await findTemporalTestServer() } },
  })
  const names = Object.values(searchAttributes).map(({ name }) => [name, keyword] as const)
  await env.connection.operatorService.addSearchAttributes({ namespace: 'default', searchAttributes: Object.fromEntries(names) })
  return env
}

/** The server as developers run it. It suggests to continue as new after `suggestAt` events. */
export const realServer = async (suggestAt: number): Promise<TestWorkflowEnvironment> =>
  TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path: await findTemporal() },
      log: { format: 'pretty', level: 'error' },
      searchAttributes: Object.values(searchAttributes),
      extraArgs: ['--dynamic-config-value', `limit.historyCount.suggestContinueAsNew=${suggestAt}`],
    },
  })
