/**
 * The SDK keeps a stack trace of every promise of a workflow, for the query `__stack_trace`, and looks each frame up in the source map: a
 * fifth of the workflow thread's time (docs/performance.md). The first frames say where a workflow waits, or where it failed.
 */
Error.stackTraceLimit = 4
