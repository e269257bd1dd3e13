import { checkPurchases, checkTables, createDb, type Finding } from '@pay-to-view/db'
import { createGateway, createStripe } from '@pay-to-view/stripe'
import { checkAgainstStripe, checkLedgerAgainstStripe } from './doctor-stripe.ts'
import { environments, readEnvironment } from './env.ts'
import { createProgress } from './progress.ts'

/** Checks the invariants over all data, and with `stripe` the checkouts and payments of the last `since` seconds against Stripe, from both sides. Exits with 1 where one does not hold. */
export const runDoctor = async ({ stripe, since }: { stripe: boolean; since: number }): Promise<number> => {
  const secrets = stripe ? readEnvironment(environments.stripe) : null
  const { DATABASE_URL } = readEnvironment(environments.database)
  const db = createDb(DATABASE_URL, { connections: 4, statementTimeoutMs: 10 * 60_000 })
  const now = new Date()
  let [bad, purchases] = [0, 0]
  const tell = (found: Finding[]): void => {
    bad += found.length
    for (const { level, rule, id, detail } of found) console.log(`${level}  ${rule}  ${id}  ${detail}`)
  }
  try {
    for await (const { findings } of checkTables(db, now)) tell(findings)
    const say = createProgress('purchases compared with their facts')
    for await (const { checked, findings } of checkPurchases(db, now)) {
      purchases += checked
      tell(findings)
      say(purchases)
    }
    console.log(`${purchases} purchases checked.`)
    if (secrets) {
      const gateway = createGateway(createStripe({ secretKey: secrets.STRIPE_SECRET_KEY, apiBase: secrets.STRIPE_API_BASE }))
      const sayMore = createProgress("of Stripe's checkouts compared")
      let sessions = 0
      const from = Math.floor(now.getTime() / 1000) - since
      for await (const found of checkAgainstStripe(db, gateway, from)) {
        sayMore(++sessions)
        tell(found)
      }
      console.log(`${sessions} of Stripe's checkouts checked.`)
      const sayLast = createProgress("of the ledger's payments looked up at Stripe")
      let payments = 0
      for await (const { looked, found } of checkLedgerAgainstStripe(db, gateway, from)) {
        payments += looked
        sayLast(payments)
        tell(found)
      }
      console.log(`${payments} of the ledger's payments checked.`)
    }
    console.log(bad === 0 ? 'Everything holds.' : `${bad} do not hold: docs/operations.md says what to do.`)
    return bad === 0 ? 0 : 1
  } finally {
    await db.$disconnect()
  }
}
