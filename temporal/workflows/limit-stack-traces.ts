/**
 * The SDK captures a stack trace for every promise of a workflow, for the `__stack_trace` query. Mapping each frame to its source takes a
 * fifth of the workflow thread's CPU time (docs/performance.md). The first frames already show where a workflow is waiting or has failed.
 */
Error.stackTraceLimit = 4
