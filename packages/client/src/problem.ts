import type { AppRouter, Problem } from '@pay-to-view/api'
import { TRPCClientError } from '@trpc/client'

const isApiError = (error: unknown): error is TRPCClientError<AppRouter> => error instanceof TRPCClientError

/** Returns the problem details of a server error, or null if the server did not respond. The `code` is stable across versions. */
export const problemOf = (error: unknown): Problem | null => (isApiError(error) ? (error.data?.problem ?? null) : null)
