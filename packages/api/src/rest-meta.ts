import type { ErrorCode } from './errors.ts'

/** The REST path of a procedure and its entry in the OpenAPI document. */
export interface RestPath {
  method: 'GET' | 'POST'
  /** In OpenAPI's notation: `/purchases/{id}`. */
  path: string
  summary: string
  tag: 'client' | 'admin'
  /** No token is required. */
  public?: true
  /** Input fields that are sent as headers, by field name. */
  headers?: Readonly<Record<string, string>>
  /** Errors of this procedure, in addition to those that every call can return. */
  errors?: readonly ErrorCode[]
}

export interface RestMeta {
  rest?: RestPath
}
