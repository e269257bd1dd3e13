import {
  applyErasedSnapshots,
  continueErasure,
  createDb,
  type Db,
  findStartedErasure,
  finishErasure,
  startErasure,
  readUserDataInventory,
} from '@pay-to-view/db'
import { createGateway, createStripe, type StripeGateway } from '@pay-to-view/stripe'
import { createTemporalClient } from '@pay-to-view/workflow-client/connection'
import { deleteRuns } from '@pay-to-view/workflow-client/delete-runs'
import { temporalOptions } from '@pay-to-view/workflow-client/environment'
import { environments, readEnvironment } from './env.ts'

export interface ForgetOptions {
  user: string
  /** Who asks for it: kept in the audit. */
  by: string
  /** Although the user loses access that was paid for. */
  giveUpAccess: boolean
  dryRun: boolean
}

interface Parts {
  db: Db
  stripe: StripeGateway
  temporal: ReturnType<typeof createTemporalClient>
}

/** What is left to do when the rows have their pseudonym. Every step may be done again. */
const finishForgetting = async ({ db, stripe, temporal }: Parts, pseudonym: string, by: string): Promise<void> => {
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
  console.log(`${ids.length} purchase(s) kept under ${pseudonym}, ${runs} run(s) deleted at Temporal.`)
}

const forgetWith = async (parts: Parts, { user, by, giveUpAccess, dryRun }: ForgetOptions): Promise<number> => {
  const begun = await findStartedErasure(parts.db, user)
  if (begun !== null && dryRun) {
    console.log(`The erasure under ${begun} is not finished: without --dry-run it goes on.`)
    return 1
  }
  if (begun !== null) await finishForgetting(parts, begun, by)
  const { blockers: open, access, purchases, stripeCustomerId, unmatchedEvents: strayEvents } = await readUserDataInventory(parts.db, user)
  for (const what of open) console.log(`open    ${what}`)
  for (const what of access) console.log(`access  ${what}`)
  if (open.length > 0 || (access.length > 0 && !giveUpAccess)) {
    const more = begun === null ? 'Nothing' : 'Nothing more'
    console.log(`${more} was done${open.length > 0 ? '' : ': --give-up-access forgets the user all the same'}.`)
    return 1
  }
  if (purchases.length === 0 && stripeCustomerId === null && strayEvents === 0) {
    console.log(begun === null ? 'Nothing is known of this user.' : 'Nothing more is known of this user.')
    return 0
  }
  if (dryRun) {
    console.log(`${purchases.length} purchase(s) would be kept under another name.`)
    return 0
  }
  const pseudonym = await startErasure(parts.db, user, by)
  if (pseudonym === null) {
    console.log('Nothing was done: the user has just begun something.')
    return 1
  }
  await finishForgetting(parts, pseudonym, by)
  return 0
}

/**
 * Takes a user out of Postgres, Stripe and Temporal; the purchases stay, under a name that says nothing. Exits with 1, and has done nothing,
 * while money may still move. It may be interrupted anywhere: the same command goes on.
 */
export const forgetUser = async (options: ForgetOptions): Promise<number> => {
  const env = readEnvironment(environments.all)
  const db = createDb(env.DATABASE_URL, { connections: 2, statementTimeoutMs: 60_000 })
  const temporal = createTemporalClient(temporalOptions(env))
  const stripe = createGateway(createStripe({ secretKey: env.STRIPE_SECRET_KEY, apiBase: env.STRIPE_API_BASE }))
  try {
    return await forgetWith({ db, stripe, temporal }, options)
  } finally {
    await temporal.connection.close()
    await db.$disconnect()
  }
}
