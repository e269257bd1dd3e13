import { checkPurchases, checkTables, type Db, type Finding } from '../src/index.ts'
import { insertTestPurchase, type newPurchase } from './test-purchase.ts'

/** Creates helpers that break rows of a test database and return the doctor's findings. */
export const createPatient = (database: { readonly db: Db }) => {
  const sql = (text: string, ...values: unknown[]) => database.db.$executeRawUnsafe(text, ...values)

  /**
   * Returns the rules that the given ids violate, in the order of the rules. With several ids, each rule is followed by the index of the
   * id.
   */
  const brokenRules = async (...ids: string[]): Promise<string[]> => {
    const findings: Finding[] = []
    for await (const check of checkTables(database.db, new Date())) findings.push(...check.findings)
    for await (const check of checkPurchases(database.db, new Date())) findings.push(...check.findings)
    return findings
      .filter(({ id }) => ids.includes(id))
      .map(({ rule, id }) => (ids.length === 1 ? rule : `${rule} ${ids.indexOf(id)}`))
  }

  const insertPurchase = async (...purchase: Parameters<typeof newPurchase>) => {
    const inserted = await insertTestPurchase(database.db, ...purchase)
    const insertAlert = (kind: string, detail: object) =>
      sql(
        `INSERT INTO alerts (kind, purchase_id, dedupe_key, detail) VALUES ($1, $2, $1 || $2, $3::jsonb)`,
        kind,
        inserted.id,
        JSON.stringify(detail),
      )
    return { ...inserted, insertAlert }
  }

  const insertPaidPurchase = async (...purchase: Parameters<typeof newPurchase>) => {
    const inserted = await insertPurchase(...purchase)
    await inserted.pay()
    return inserted
  }
  return { sql, brokenRules, insertPurchase, insertPaidPurchase }
}
