import { expect } from 'vitest'
import { day, minute } from '../environment/test-environment.ts'
import { type Life, lostWebhooks } from './scenario.ts'

const debit = { method: 'us_bank_account' }

export const delayedLives: Life[] = [
  {
    name: 'a bank debit: processing, asked about once a day, Completed when the money is there although no webhook says so',
    recorded: 'delayed-succeeds',
    play: async (stage) => {
      const bought = await stage.create()
      await stage.stripe.pay(bought.sessionId, debit)
      await stage.whenTold()
      expect(await stage.row(bought.id)).toMatchObject({ status: 'Pending', processing: true, grant: null })
      expect(await stage.purchases.closeCheckout(bought.starter)).toMatchObject({ status: 'Pending', processing: true })
      await stage.advance(41 * minute)
      await stage.advance(3 * day)
      expect(await stage.row(bought.id)).toMatchObject({ status: 'Pending', processing: true, grant: null })
      expect(await stage.steps('refreshFromStripe')).toBe(3)
      await stage.stripe.post('faults', lostWebhooks)
      await stage.stripe.settle(bought.sessionId, 'succeeded')
      await stage.advance(day)
      expect(await stage.when('Completed', bought)).toMatchObject({ processing: false, grant: { endedAt: null } })
    },
  },
  {
    name: 'a bank debit that bounces: Failed, and another attempt may be made',
    play: async (stage) => {
      const bought = await stage.create()
      await stage.stripe.pay(bought.sessionId, debit)
      await stage.advance(2 * day)
      await stage.stripe.settle(bought.sessionId, 'failed')
      expect(await stage.when('Failed', bought)).toMatchObject({ open: false, processing: false, grant: null })
      await stage.whenClosed(bought)
    },
  },
  {
    name: 'a bank debit that bounces, and no webhook says so: Failed with the next question',
    play: async (stage) => {
      await stage.stripe.post('faults', lostWebhooks)
      const bought = await stage.create()
      await stage.stripe.pay(bought.sessionId, debit)
      await stage.advance(day)
      await stage.stripe.settle(bought.sessionId, 'failed')
      await stage.advance(day)
      await stage.when('Failed', bought)
      await stage.whenClosed(bought)
    },
  },
]
