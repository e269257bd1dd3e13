import type { ApiKeyScope } from '@pay-to-view/db'
import type { ErrorCode } from './error-table.ts'

/** The statuses of successful responses. A response with 204 has no body. */
export type SuccessStatus = 200 | 201 | 202 | 204

/** The REST path of a procedure and its entry in the OpenAPI document. */
export interface RestPath {
  /** GET reads its input from the query, DELETE from the query and the body, the others from the body. All add the parameters of the path, which win. */
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** In OpenAPI's notation: `/purchases/{id}`. */
  path: string
  summary: string
  tag: 'client' | 'admin'
  /** No token is required. */
  public?: true
  /** The statuses of its successful responses, 200 by default: the first one, unless the procedure calls `ctx.setStatus` with a different one. */
  statuses?: readonly [SuccessStatus, ...SuccessStatus[]]
  /** The maximum size of the body of an operator's procedure, if it is more than the server's default of 256 kB. */
  maxBodyBytes?: number
  /** Input fields that are sent as headers, by field name. */
  headers?: Readonly<Record<string, string>>
  /** Errors of this procedure, in addition to those that every call can return. */
  errors?: readonly ErrorCode[]
}

export interface RestMeta {
  rest?: RestPath
  /** Set by the procedure's builder for operators' procedures. Without a scope, only an admin's token is accepted. */
  operator?: { scope: ApiKeyScope | undefined }
}
