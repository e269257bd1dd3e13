import type { ApiKeyScope } from '@pay-to-view/db'
import type { ErrorCode } from './error-table.ts'

/** The statuses of successful responses. A 204 response has no body. */
export type SuccessStatus = 200 | 201 | 202 | 204

/** The REST path of a procedure and its entry in the OpenAPI document. */
export interface RestPath {
  /**
   * GET reads its input from the query, DELETE from the query and the body, and all other methods from the body. Path parameters are added
   * and take precedence.
   */
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** In OpenAPI's notation: `/purchases/{id}`. */
  path: string
  summary: string
  tag: 'client' | 'admin'
  /** True if no token is required. */
  public?: true
  /** The statuses of successful responses; 200 by default. The first status is used unless the procedure calls `ctx.setStatus`. */
  statuses?: readonly [SuccessStatus, ...SuccessStatus[]]
  /** The maximum body size of an operator's procedure, if it exceeds the server's default of 256 kB. */
  maxBodyBytes?: number
  /** Input fields that are sent as headers, by field name. */
  headers?: Readonly<Record<string, string>>
  /** Errors of this procedure, in addition to the errors that every call can return. */
  errors?: readonly ErrorCode[]
}

export interface RestMeta {
  rest?: RestPath
  /** Set by the builder of operators' procedures. Without a scope, only an admin's token is accepted. */
  operator?: { scope: ApiKeyScope | undefined }
}
