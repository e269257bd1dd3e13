import { isMissing } from '../client.ts'

/** Resolves to null if Stripe does not know the object. */
export const orNullIfMissing = async <T>(call: Promise<T>): Promise<T | null> => {
  try {
    return await call
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}
