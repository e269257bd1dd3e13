import type { ErrorCode } from './errors.ts'

/** Where a procedure is in REST, and what the OpenAPI document says of it. */
export interface RestPath {
  method: 'GET' | 'POST'
  /** In OpenAPI's form: `/purchases/{id}`. */
  path: string
  summary: string
  tag: 'client' | 'admin'
  /** No token is needed. */
  public?: true
  /** Fields of the input that come in a header. */
  headers?: Readonly<Record<string, string>>
  /** The errors that it tells, besides those that every call may have. */
  errors?: readonly ErrorCode[]
}

export interface RestMeta {
  rest?: RestPath
}
