import { addOffers, createDb, closeDb, putProduct } from '@pay-to-view/db'
import { seedIds, useStack } from '@pay-to-view/testing/stack'
import { expect, test } from 'vitest'

const stack = useStack({ environment: { AUTOMATIC_TAX: 'on', INVOICES: 'on' } })

test('free', async () => {
  const { stack: s, client, emulator, waitForStatus, query, dataFolder } = stack()
  const db = createDb(s.databaseUrl)
  await putProduct(db, { id: 'p', name: 'P', prices: [{ currency: 'usd', amount: 999 }], accessDurationDays: null, allowPromotionCodes: true }, 'x')
  await addOffers(db, 'p', [seedIds.film], 'x')
  await closeDb(db)
  expect(await emulator('promotion_codes', { code: 'FREE', percent_off: '100' })).toBe(200)
  expect(await emulator('tax', { registrations: ['DE'] })).toBe(200)
  const user = await client('u1')
  const created = await user.purchases.create.mutate({ payToViewProductId: 'p', entityId: seedIds.film, returnUrl: 'https://yoursite.com/', promotionCode: 'free' })
  if (!created.success) throw new Error(JSON.stringify(created))
  const sessionId = created.clientSecret.split('_secret_')[0] ?? ''
  expect(await emulator(`checkout/sessions/${sessionId}/pay`, { country: 'DE' })).toBe(200)
  try {
    await waitForStatus(user, created.purchaseId, 'Completed')
  } catch (error) {
    console.log(JSON.stringify(await query('select * from stripe_events'), null, 1), JSON.stringify(await query('select * from alerts')))
    console.log(JSON.stringify(await stack().stripe.checkout.sessions.retrieve(sessionId), null, 1))
    const { execSync } = await import('node:child_process')
    console.log(execSync(`tail -c 3000 ${dataFolder.logs}/worker*`).toString())
    throw error
  }
})
