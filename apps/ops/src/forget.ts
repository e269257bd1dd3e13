import {
  applyErasedSnapshots,
  closeDb,
  continueErasure,
  createDb,
  createMentionPseudonymizer,
  createPseudonymizer,
  type Db,
  findStartedErasure,
  findUserIds,
  finishErasure,
  type PendingErasure,
  readErasedStripeObjects,
  readUserDataInventory,
  startErasure,
} from '@pay-to-view/db'
import { countOf } from '@pay-to-view/purchase'
import { createGateway, createStripe, type StripeGateway } from '@pay-to-view/stripe'
import { createTemporalClient } from '@pay-to-view/workflow-client/connection'
import { deleteRuns } from '@pay-to-view/workflow-client/delete-runs'
import { temporalOptions } from '@pay-to-view/workflow-client/environment'
import { environments, readEnvironment } from './env.ts'

export interface ForgetOptions {
  user: string
  /** E-mail addresses of the user, in addition to the addresses that Stripe stores. */
  email: string[]
  /** Who requests the erasure; stored with the erasure and in the purchases' timelines. */
  by: string
  /** Erases the user even if they lose active access. */
  giveUpAccess: boolean
  dryRun: boolean
}

interface ForgetDeps {
  db: Db
  stripe: StripeGateway
  temporal: ReturnType<typeof createTemporalClient>
  /** The value of SITE_ID. */
  site: string | undefined
}

/** Completes an erasure whose pseudonym has been written to Postgres. Every step is safe to repeat. */
const completeErasure = async ({ db, stripe, temporal }: ForgetDeps, erasure: PendingErasure, by: string): Promise<void> => {
  await continueErasure(db, erasure)
  const { pseudonym, customers } = erasure
  const purchases = await readErasedStripeObjects(db, erasure)
  for (const { id, refundRequestIds, ...objects } of purchases) {
    const isMention = erasure.mentionedIn.includes(id)
    const { userId, text } = (isMention ? createMentionPseudonymizer : createPseudonymizer)(erasure, pseudonym)
    const snapshots = await stripe.replaceMetadata(objects, { userId, text, refundRequestIds })
    await applyErasedSnapshots(db, erasure, { id, snapshots, by })
  }
  for (const customer of customers) await stripe.deleteCustomer(customer)
  const runs = await deleteRuns(
    temporal,
    purchases.map(({ id }) => id),
  )
  await finishErasure(db, erasure)
  const kept = purchases.length - erasure.mentionedIn.length
  console.log(`${countOf(kept, 'purchase')} kept under ${pseudonym}, ${countOf(runs, 'workflow run')} deleted.`)
}

/**
 * Returns the data that is stored about a user, and the e-mail addresses that identify the user in it. An address that is another user's id
 * is left out.
 */
const readUserData = async ({ db, stripe, site }: ForgetDeps, { user: userId, email }: ForgetOptions) => {
  const { purchases, stripeCustomerId } = await readUserDataInventory(db, { userId, emails: email })
  const objects = {
    sessions: purchases.flatMap(({ sessions }) => sessions),
    payments: purchases.flatMap(({ payments }) => payments),
  }
  const found = await stripe.findUserData({ userId, site }, stripeCustomerId, objects)
  const names = [...new Set([...email, ...found.emails])]
  const otherUsers = await findUserIds(db, names)
  const emails = names.filter((name) => !otherUsers.includes(name))
  return { ...(await readUserDataInventory(db, { userId, emails })), emails, customers: found.customers }
}

const describeErasure = (purchases: number, mentions: number): string =>
  `${countOf(purchases, 'purchase')} would be kept under a pseudonym. ${mentions === 1 ? '1 row of another user mentions' : `${mentions} rows of other users mention`} this user.`

const eraseUser = async (deps: ForgetDeps, options: ForgetOptions): Promise<number> => {
  const { user: userId, by, giveUpAccess, dryRun } = options
  const started = await findStartedErasure(deps.db, userId)
  if (started !== null && dryRun) {
    console.log(`The erasure under ${started.pseudonym} is not complete. Run the command without --dry-run to continue it.`)
    return 1
  }
  if (started !== null) await completeErasure(deps, started, by)
  const { blockers, access, purchases, mentionedIn, otherMentions, stripeCustomerId, emails, customers } = await readUserData(
    deps,
    options,
  )
  for (const blocker of blockers) console.log(`blocker  ${blocker}`)
  for (const grant of access) console.log(`access   ${grant}`)
  const mentions = mentionedIn.length + otherMentions
  const isUnknown = purchases.length + mentions === 0 && stripeCustomerId === null
  if (dryRun && !isUnknown) console.log(describeErasure(purchases.length, mentions))
  if (blockers.length > 0) {
    console.log('Nothing was erased. Try again when the blockers are resolved.')
    return 1
  }
  if (access.length > 0 && !giveUpAccess) {
    console.log('Nothing was erased. Use --give-up-access to erase the user anyway.')
    return 1
  }
  if (isUnknown) {
    console.log(started === null ? 'No data about this user was found.' : 'No more data about this user was found.')
    return 0
  }
  if (dryRun) return 0
  const erasure = await startErasure(deps.db, { userId, emails, customers, by })
  if (erasure === null) {
    console.log('Nothing was erased: the user has just started a purchase. Try again later.')
    return 1
  }
  await completeErasure(deps, erasure, by)
  return 0
}

/**
 * Erases a user from Postgres, Stripe and Temporal; purchases are kept under a pseudonym. Returns the exit code: 1 if something prevents the
 * erasure, for example because money may still move. To continue an interrupted erasure, run the same command again.
 */
export const forgetUser = async (options: ForgetOptions): Promise<number> => {
  const env = readEnvironment(environments.all)
  const db = createDb(env.DATABASE_URL, { connections: 2, statementTimeoutMs: 600_000 })
  const temporal = createTemporalClient(temporalOptions(env))
  const stripe = createGateway(createStripe({ secretKey: env.STRIPE_SECRET_KEY, apiBase: env.STRIPE_API_BASE }))
  try {
    return await eraseUser({ db, stripe, temporal, site: env.SITE_ID }, options)
  } finally {
    await temporal.connection.close()
    await closeDb(db)
  }
}
