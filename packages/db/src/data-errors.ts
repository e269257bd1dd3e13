import { DatabaseError } from 'pg'
import { ZodError } from 'zod'
import { Prisma } from './generated/client.ts'

/** The stored data of a purchase does not match the schema, because a newer version wrote the data or someone changed it manually. */
export class PurchaseUnreadable extends Error {
  override name = 'PurchaseUnreadable'
}

/** Facts name a payment that belongs to another purchase. */
export class PaymentOfOtherPurchase extends Error {
  override name = 'PaymentOfOtherPurchase'
}

/** Returns the Postgres SQLSTATE of a Prisma error, regardless of Prisma's own error code. */
const sqlStateOfPrisma = ({ meta }: Prisma.PrismaClientKnownRequestError): string => {
  const cause: unknown = Object(Object(meta).driverAdapterError).cause
  const { originalCode } = Object(cause)
  return typeof originalCode === 'string' ? originalCode : ''
}

const sqlStateOf = (error: unknown): string => {
  if (error instanceof DatabaseError) return error.code ?? ''
  return error instanceof Prisma.PrismaClientKnownRequestError ? sqlStateOfPrisma(error) : ''
}

/**
 * Whether a retry with the same data would fail again. This is true if Postgres reports a data exception (SQLSTATE class 22) or an
 * integrity constraint violation (class 23), if Prisma reports an invalid argument or a missing row (P2025), if data does not match its
 * schema, or if a payment belongs to another purchase. Source: PostgreSQL's "Error Codes".
 */
export const isDataRejected = (error: unknown): boolean =>
  /^2[23]/.test(sqlStateOf(error)) ||
  error instanceof Prisma.PrismaClientValidationError ||
  (error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2025') ||
  error instanceof ZodError ||
  error instanceof PaymentOfOtherPurchase

/**
 * Describes an error as a single line that can be stored. A Prisma message begins with an excerpt of our source code and ends with the
 * cause, so only its last line is used. An error without a message is described by its name and code.
 */
export const describeError = (error: unknown): string => {
  const lines = (error instanceof Error ? error.message : String(error)).trim().split('\n')
  const code = error instanceof Error && 'code' in error ? ` ${error.code}` : ''
  return (lines.at(-1) || `${error instanceof Error ? error.name : 'Error'}${code}`)
    .replaceAll(/[^\x20-\x7e]/g, '?')
    .slice(0, 300)
}
