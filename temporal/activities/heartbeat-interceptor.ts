import type { ActivityInterceptorsFactory } from '@temporalio/worker'

/** A fraction of the heartbeat timeout (workflows/activity-proxies.ts), so several heartbeats fit into the timeout. */
const heartbeatIntervalMs = 3_000

/**
 * Sends heartbeats for every activity while it runs. If its worker is killed, another worker retries the activity after the heartbeat
 * timeout instead of the much longer start-to-close timeout.
 */
export const heartbeatInterceptor: ActivityInterceptorsFactory = ({ info, heartbeat }) => ({
  inbound: {
    execute: async (input, next) => {
      // Local activities have no heartbeat, because they are part of a workflow task.
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
