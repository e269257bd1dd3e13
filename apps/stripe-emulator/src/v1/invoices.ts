import { z } from 'zod'
import { paginate, paginateArray, where } from '../http/lists.ts'
import { created, paging, text } from '../http/params.ts'
import { route } from '../http/route.ts'
import { getInvoice } from '../model/invoices.ts'

/** Only sessions with `invoice_creation` create invoices. */
export const invoices = [
  route('GET', '/v1/invoices/:id', {}, (account, _, id) => getInvoice(account, id)),
  route('GET', '/v1/invoices/:id/lines', paging, (account, query, id) => {
    const { data, url } = getInvoice(account, id).lines
    return paginateArray(data, url, 'line item', query)
  }),
  route(
    'GET',
    '/v1/invoices',
    {
      ...paging,
      created: created.optional(),
      customer: text().optional(),
      status: z.enum(['draft', 'open', 'paid', 'uncollectible', 'void']).optional(),
    },
    (account, { customer, status, ...query }) =>
      paginate(account.store.invoices, '/v1/invoices', 'invoice', {
        ...query,
        where: where('customer', customer),
        matches: (invoice) => !status || invoice.status === status,
      }),
  ),
  route('GET', '/v1/invoice_payments', { ...paging, invoice: text().optional() }, (account, { invoice, ...query }) =>
    paginate(account.store.invoicePayments, '/v1/invoice_payments', 'invoice payment', {
      ...query,
      where: where('invoice', invoice),
    }),
  ),
]
