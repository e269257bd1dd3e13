import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Account } from '../account.ts'
import { bool } from '../http/params.ts'
import { payOut } from '../model/payouts.ts'
import { helperRoute, transact } from './helper-route.ts'

/**
 * Registers the helper that pays out the balance. Without `includesPending`, it pays out only available funds. The funds of a charge become
 * available after two days.
 */
export const registerPayoutHelper = (app: FastifyInstance, account: Account): void => {
  helperRoute(app, 'POST', '/payouts', z.strictObject({ includesPending: bool.default(false) }), (params, request) => ({
    data: transact(account, request, () => payOut(account, params)),
  }))
}
