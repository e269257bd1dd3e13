import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Account } from '../account.ts'
import { rejected } from '../http/errors.ts'
import { int, text } from '../http/params.ts'
import { helperRoute, transact } from './helper-route.ts'
import { createHistory } from './history.ts'
import { createSalesYear, salesYearParams } from './sales-year.ts'

const historyParams = z.strictObject({
  purchases: int(1, 100_000).default(100),
  days: int(1, 3_650).default(730),
  product: text(40).default('old-'),
  entity: text(40).default('film-'),
})

/** Throws if the account already has sales. Past sales must be the oldest objects, so they can be created only in an unused account. */
const requireUnused = ({ store }: Account): void => {
  if (store.sessions.size === 0) return
  const message = 'This account has Checkout Sessions already. Past sales can be created only in an account that has none.'
  throw rejected(message, { code: 'account_in_use' })
}

/** Registers the helpers that fill a new account with past sales. */
export const registerHistoryHelper = (app: FastifyInstance, account: Account): void => {
  helperRoute(app, 'POST', '/history', historyParams, (params, request) => {
    requireUnused(account)
    return { data: transact(account, request, () => createHistory(account, params)) }
  })
  helperRoute(app, 'POST', '/sales_year', salesYearParams, (params, request) => {
    requireUnused(account)
    return transact(account, request, () => createSalesYear(account, params))
  })
}
