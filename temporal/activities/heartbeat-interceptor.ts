import type { ActivityInterceptorsFactory } from '@temporalio/worker'

/** Milliseconds: a few times in the heartbeat timeout of the steps. */
const every = 3_000

/**
 * Every step says that it goes on, without a word of its own: one whose worker was killed is taken up by another after the heartbeat
 * timeout, and not when the time that it may take is over. A quick step never says it.
 */
export const heartbeatInterceptor: ActivityInterceptorsFactory = ({ info, heartbeat }) => ({
  inbound: {
    execute: async (input, next) => {
      // A local activity has no heartbeat: it goes with its workflow task.
      if (info.isLocal) return next(input)
      const beats = setInterval(heartbeat, every)
      try {
        return await next(input)
      } finally {
        clearInterval(beats)
      }
    },
  },
})
