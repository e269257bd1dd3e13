import { expect, test } from 'vitest'
import { isActiveGrant } from '../src/access.ts'
import { preparedQuery } from '../src/client.ts'
import { useDatabase } from './test-purchase.ts'

const database = useDatabase()

test('isActiveGrant and the SQL function is_active_grant agree', async () => {
  const at = new Date()
  const dates = [null, -1_000, 0, 1_000].map((offset) => (offset === null ? null : new Date(at.getTime() + offset)))
  const active: boolean[] = []
  for (const endedAt of dates) {
    for (const expiresAt of dates) {
      const grant = { ended_at: endedAt, expires_at: expiresAt }
      const [row] = await preparedQuery<{ active: boolean }>(database.db)`
        select is_active_grant(jsonb_populate_record(null::grants, ${JSON.stringify(grant)}::jsonb), ${at}::timestamptz) as active`
      expect({ ...grant, active: isActiveGrant({ endedAt, expiresAt }, at) }).toEqual({ ...grant, active: row?.active })
      active.push(row?.active === true)
    }
  }
  // Not ended, and permanent or expiring in the future.
  expect(active.filter(Boolean)).toHaveLength(2)
  expect(isActiveGrant(null, at)).toBe(false)
})
