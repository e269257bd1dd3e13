import type { AppRouter, Problem } from '@pay-to-view/api'
import { TRPCClientError } from '@trpc/client'

const isOurs = (error: unknown): error is TRPCClientError<AppRouter> => error instanceof TRPCClientError

/** What the server said of an error: `code` does not change between versions. Null when the server was not reached. */
export const problemOf = (error: unknown): Problem | null => (isOurs(error) ? (error.data?.problem ?? null) : null)
