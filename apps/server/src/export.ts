import { Readable } from 'node:stream'
import { exportPurchases, exportTransactions } from '@pay-to-view/api'
import type { FastifyPluginAsync } from 'fastify'
import type { CreateContext } from './deps.ts'

/**
 * Streams purchases.csv with the filters of admin.purchases.search, and reports/transactions.csv with the filters of
 * admin.reports.transactions.
 */
export const serveExport =
  (createContext: CreateContext): FastifyPluginAsync =>
  async (app) => {
    app.get<{ Querystring: Record<string, string> }>('/admin/v1/pay-to-view/purchases.csv', async (request, reply) => {
      const rows = await exportPurchases(request.query, await createContext(request))
      return reply
        .type('text/csv; charset=utf-8; header=present')
        .header('content-disposition', 'attachment; filename="purchases.csv"')
        .send(Readable.from(rows))
    })
    app.get<{ Querystring: Record<string, string> }>('/admin/v1/pay-to-view/reports/transactions.csv', async (request, reply) => {
      const rows = await exportTransactions(request.query, await createContext(request))
      return reply
        .type('text/csv; charset=utf-8; header=present')
        .header('content-disposition', 'attachment; filename="transactions.csv"')
        .send(Readable.from(rows))
    })
  }
