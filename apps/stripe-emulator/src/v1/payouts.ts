import { z } from 'zod'
import { paginate } from '../http/lists.ts'
import { created, paging } from '../http/params.ts'
import { route } from '../http/route.ts'
import { getPayout } from '../model/payouts.ts'

const filters = { ...paging, created: created.optional(), status: z.enum(['pending', 'paid', 'failed', 'canceled']).optional() }

export const payouts = [
  route('GET', '/v1/payouts/:id', {}, (account, _, id) => getPayout(account, id)),
  route('GET', '/v1/payouts', filters, (account, { status, ...query }) =>
    paginate(account.store.payouts, '/v1/payouts', 'payout', {
      ...query,
      matches: (payout) => !status || payout.status === status,
    }),
  ),
]
