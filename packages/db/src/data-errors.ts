import { DatabaseError } from 'pg'
import { ZodError } from 'zod'
import { Prisma } from './generated/client.ts'

/** The stored data of a purchase does not match its schema: it was written by a newer version or changed manually. */
export class PurchaseUnreadable extends Error {
  override name = 'PurchaseUnreadable'
}

/** Facts name a payment that belongs to another purchase. */
export class PaymentOfOtherPurchase extends Error {
  override name = 'PaymentOfOtherPurchase'
}

/** Returns Postgres's SQLSTATE from an error of Prisma, regardless of Prisma's own code. */
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
 * Whether the same data would be rejected again. This is so if Postgres reports a data exception (SQLSTATE class 22) or an integrity
 * constraint violation (class 23), Prisma an invalid argument or a required row that does not exist (P2025), a schema does not match, or a
 * payment belongs to another purchase. Source: PostgreSQL's "Error Codes".
 */
export const isDataRejected = (error: unknown): boolean =>
  /^2[23]/.test(sqlStateOf(error)) ||
  error instanceof Prisma.PrismaClientValidationError ||
  (error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2025') ||
  error instanceof ZodError ||
  error instanceof PaymentOfOtherPurchase

/**
 * Describes an error in one line that can be stored. Prisma's messages begin with an excerpt of our source code and end with a line about
 * the cause. An error without a message is described by its name and code.
 */
export const describeError = (error: unknown): string => {
  const lines = (error instanceof Error ? error.message : String(error)).trim().split('\n')
  const code = error instanceof Error && 'code' in error ? ` ${error.code}` : ''
  return (lines.at(-1) || `${error instanceof Error ? error.name : 'Error'}${code}`)
    .replaceAll(/[^\x20-\x7e]/g, '?')
    .slice(0, 300)
}
