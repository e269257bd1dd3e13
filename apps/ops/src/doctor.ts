import { findUnplayableEntities } from '@pay-to-view/api'
import { checkPurchases, checkTables, closeDb, createDb, type Db, type Finding } from '@pay-to-view/db'
import { countOf } from '@pay-to-view/purchase'
import { createGateway, createStripe, type StripeGateway } from '@pay-to-view/stripe'
import { comparePayments, compareSessions } from './compare-with-stripe.ts'
import { environments, readEnvironment } from './env.ts'
import { createProgress } from './progress.ts'

export interface DoctorOptions {
  stripe: boolean
  /** In seconds. */
  since: number
  preflight?: true
  url?: string
}

type Report = (findings: Finding[]) => void

const checkDatabase = async (db: Db, now: Date, report: Report): Promise<void> => {
  for await (const { findings } of checkTables(db, now)) report(findings)
  const showProgress = createProgress('purchases compared with their facts')
  let purchases = 0
  for await (const { checked, findings } of checkPurchases(db, now)) {
    purchases += checked
    report(findings)
    showProgress(purchases)
  }
  console.log(`${countOf(purchases, 'purchase')} checked.`)
}

/**
 * `env` contains this command's environment variables. In production, they are the same as the servers'. In the local stack, they may
 * differ from the variables with which the stack was started. Videos without `playback` get only a warning, because a site that does not
 * play anything through pay-to-view needs no keys.
 */
const checkPlayback = async (db: Db, env: Readonly<Record<string, unknown>>, report: Report): Promise<void> => {
  for (const { kind, entities, example, missing } of await findUnplayableEntities(db, env)) {
    const variables = `${missing.join(', ')} (not set in this command's shell)`
    if (kind === null) {
      console.log(`Warning: to play ${countOf(entities, 'video')} without \`playback\`, such as ${example}, set ${variables}.`)
      continue
    }
    const detail = `${entities === 1 ? '1 entity needs' : `${entities} entities need`} ${variables}`
    report([{ level: 'broken', rule: 'playback_providers_have_keys', id: example, detail }])
  }
}

const checkStripe = async (
  db: Db,
  stripe: StripeGateway,
  { since, site }: { since: number; site: string | undefined },
  report: Report,
): Promise<void> => {
  const showSessionProgress = createProgress('checkout sessions compared with their purchases')
  let sessions = 0
  for await (const findings of compareSessions(db, stripe, since, site)) {
    showSessionProgress(++sessions)
    report(findings)
  }
  console.log(`${countOf(sessions, 'checkout session')} checked.`)
  const showPaymentProgress = createProgress('payments compared with Stripe')
  let payments = 0
  for await (const { checked, findings } of comparePayments(db, stripe, since)) {
    payments += checked
    showPaymentProgress(payments)
    report(findings)
  }
  console.log(`${countOf(payments, 'payment')} checked.`)
}

/**
 * Checks the invariants of all data and returns the exit code: 1 if there are findings. With `stripe`, also compares the checkout
 * sessions and payments from the last `since` seconds with Stripe.
 */
export const runDoctor = async ({ stripe, since }: Pick<DoctorOptions, 'stripe' | 'since'>): Promise<number> => {
  const stripeEnv = stripe ? readEnvironment(environments.stripe) : null
  const env = readEnvironment(environments.doctor)
  const db = createDb(env.DATABASE_URL, { connections: 4, statementTimeoutMs: 10 * 60_000 })
  const now = new Date()
  let findingCount = 0
  const report: Report = (findings) => {
    findingCount += findings.length
    for (const { level, rule, id, detail } of findings) console.log(`${level}  ${rule}  ${id}  ${detail}`)
  }
  try {
    await checkDatabase(db, now, report)
    await checkPlayback(db, env, report)
    if (stripeEnv) {
      const gateway = createGateway(createStripe({ secretKey: stripeEnv.STRIPE_SECRET_KEY, apiBase: stripeEnv.STRIPE_API_BASE }))
      const scope = { since: Math.floor(now.getTime() / 1000) - since, site: stripeEnv.SITE_ID }
      await checkStripe(db, gateway, scope, report)
    }
    console.log(findingCount === 0 ? 'No problems found.' : `${countOf(findingCount, 'problem')} found: see docs/operations.md.`)
    return findingCount === 0 ? 0 : 1
  } finally {
    await closeDb(db)
  }
}
