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

/** Registers the helpers that fill a new account with past sales. */
export const registerHistoryHelper = (app: FastifyInstance, account: Account): void => {
  helperRoute(app, 'POST', '/history', historyParams, (params, request) => {
    if (account.store.sessions.size > 0) throw rejected('Create the history first: this account has Checkout Sessions already.')
    return { data: transact(account, request, () => createHistory(account, params)) }
  })
  helperRoute(app, 'POST', '/sales_year', salesYearParams, (params, request) => {
    if (account.store.sessions.size > 0)
      throw rejected('Make up the sales first: this account has Checkout Sessions already. npm run reset deletes everything.')
    return transact(account, request, () => createSalesYear(account, params))
  })
}
