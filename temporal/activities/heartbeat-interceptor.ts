import type { ActivityInterceptorsFactory } from '@temporalio/worker'

/** Several heartbeats fit into the heartbeat timeout (workflows/activity-proxies.ts). */
const heartbeatIntervalMs = 3_000

/**
 * Heartbeats for every activity while it runs. If its worker is killed, another one retries it after the heartbeat timeout rather than
 * after the much longer start-to-close timeout.
 */
export const heartbeatInterceptor: ActivityInterceptorsFactory = ({ info, heartbeat }) => ({
  inbound: {
    execute: async (input, next) => {
      // Local activities have no heartbeat: they are part of a workflow task.
      if (info.isLocal) return next(input)
      const interval = setInterval(heartbeat, heartbeatIntervalMs)
      try {
        return await next(input)
      } finally {
        clearInterval(interval)
      }
    },
  },
})
