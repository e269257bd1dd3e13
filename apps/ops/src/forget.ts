import {
  applyErasedSnapshots,
  continueErasure,
  createDb,
  type Db,
  findStartedErasure,
  finishErasure,
  readUserDataInventory,
  startErasure,
} from '@pay-to-view/db'
import { createGateway, createStripe, type StripeGateway } from '@pay-to-view/stripe'
import { createTemporalClient } from '@pay-to-view/workflow-client/connection'
import { deleteRuns } from '@pay-to-view/workflow-client/delete-runs'
import { temporalOptions } from '@pay-to-view/workflow-client/environment'
import { environments, readEnvironment } from './env.ts'

export interface ForgetOptions {
  user: string
  /** Who requests the erasure, for the audit trail. */
  by: string
  /** Erases the user although they lose active access. */
  giveUpAccess: boolean
  dryRun: boolean
}

interface ForgetDeps {
  db: Db
  stripe: StripeGateway
  temporal: ReturnType<typeof createTemporalClient>
}

/** Completes an erasure whose pseudonym has been written to Postgres. Each step can be repeated. */
const completeErasure = async ({ db, stripe, temporal }: ForgetDeps, pseudonym: string, by: string): Promise<void> => {
  await continueErasure(db, pseudonym)
  const { purchases, stripeCustomerId } = await readUserDataInventory(db, pseudonym)
  for (const purchase of purchases) {
    const snapshots = await stripe.replaceUserId(purchase, pseudonym)
    await applyErasedSnapshots(db, purchase.id, snapshots, by)
  }
  if (stripeCustomerId !== null) await stripe.deleteCustomer(stripeCustomerId)
  const ids = purchases.map(({ id }) => id)
  const runs = await deleteRuns(temporal, ids)
  await finishErasure(db, pseudonym)
  console.log(`${ids.length} purchase(s) kept under ${pseudonym}, ${runs} workflow run(s) deleted.`)
}

const eraseUser = async (deps: ForgetDeps, { user, by, giveUpAccess, dryRun }: ForgetOptions): Promise<number> => {
  const startedPseudonym = await findStartedErasure(deps.db, user)
  if (startedPseudonym !== null && dryRun) {
    console.log(`The erasure under ${startedPseudonym} is not complete. Run the command without --dry-run to continue it.`)
    return 1
  }
  if (startedPseudonym !== null) await completeErasure(deps, startedPseudonym, by)
  const { blockers, access, purchases, stripeCustomerId, unmatchedEvents } = await readUserDataInventory(deps.db, user)
  for (const blocker of blockers) console.log(`blocker  ${blocker}`)
  for (const grant of access) console.log(`access   ${grant}`)
  if (blockers.length > 0) {
    console.log('Nothing was erased. Try again when the blockers are resolved.')
    return 1
  }
  if (access.length > 0 && !giveUpAccess) {
    console.log('Nothing was erased. Use --give-up-access to erase the user anyway.')
    return 1
  }
  if (purchases.length === 0 && stripeCustomerId === null && unmatchedEvents === 0) {
    console.log(startedPseudonym === null ? 'No data of this user found.' : 'No further data of this user found.')
    return 0
  }
  if (dryRun) {
    console.log(`${purchases.length} purchase(s) would be kept under a pseudonym.`)
    return 0
  }
  const pseudonym = await startErasure(deps.db, user, by)
  if (pseudonym === null) {
    console.log('Nothing was erased: the user has just started a purchase. Try again later.')
    return 1
  }
  await completeErasure(deps, pseudonym, by)
  return 0
}

/**
 * Erases a user from Postgres, Stripe and Temporal; purchases are kept under a pseudonym. Returns the exit code: 1, with nothing erased, while
 * money may still move. An interrupted erasure is continued by the same command.
 */
export const forgetUser = async (options: ForgetOptions): Promise<number> => {
  const env = readEnvironment(environments.all)
  const db = createDb(env.DATABASE_URL, { connections: 2, statementTimeoutMs: 60_000 })
  const temporal = createTemporalClient(temporalOptions(env))
  const stripe = createGateway(createStripe({ secretKey: env.STRIPE_SECRET_KEY, apiBase: env.STRIPE_API_BASE }))
  try {
    return await eraseUser({ db, stripe, temporal }, options)
  } finally {
    await temporal.connection.close()
    await db.$disconnect()
  }
}
