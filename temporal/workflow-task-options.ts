/** Worker options for workflow tasks (docs/performance.md). */
export const workflowTaskOptions = (maxConcurrentWorkflowTasks: number) => ({
  maxConcurrentWorkflowTaskExecutions: maxConcurrentWorkflowTasks,
  // A purchase is active for seconds around its payment and then idle for months. Replaying an evicted workflow is cheap because its
  // history is short, but a larger cache costs memory and garbage collection.
  maxCachedWorkflows: Math.max(100, maxConcurrentWorkflowTasks),
  // Nearly every workflow task is the first of its run and therefore not on a sticky queue. The SDK's default of 0.2 leaves only two
  // pollers for the normal queue, fewer than a task queue has partitions, so some tasks would wait for seconds.
  nonStickyToStickyPollRatio: 0.8,
})
