/** How a worker takes the workflow tasks of purchases, so many at one time (docs/performance.md). */
export const workflowTaskOptions = (atOnce: number) => ({
  maxConcurrentWorkflowTaskExecutions: atOnce,
  // A purchase is busy for the seconds around its payment, and then waits for months: one that is not kept is replayed from its few events.
  // More of them cost memory and the collecting of garbage.
  maxCachedWorkflows: Math.max(100, atOnce),
  // Nearly every task of a purchase is the first of its run, which is not on a worker's own (sticky) queue. With the SDK's 0.2 there are
  // two polls for it, fewer than a task queue has partitions: some wait for seconds while others are taken at once.
  nonStickyToStickyPollRatio: 0.8,
})
