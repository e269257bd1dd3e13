import { type Context, exportTransactions } from '@pay-to-view/api'
import { createReads, type Db } from '@pay-to-view/db'
import { unusedServices } from '../../packages/api/test/unused-services.ts'

/**
 * Exports the transactions of a period as CSV, with the server's own code. Returns the number of lines and the peak memory usage (RSS)
 * during the export, in MiB.
 */
export const measureExport = async (db: Db, period: { from: string; to: string }) => {
  const user = { id: 'root', admin: true, email: null, tokenExpiresAt: Date.now() + 3_600_000 }
  const services = { ...unusedServices(), reads: createReads(db) }
  const origin = { address: '192.0.2.1', userAgent: undefined }
  const context: Context = { user, apiKey: null, requestId: 'export', origin, services }
  const before = process.memoryUsage.rss()
  let [lines, peak] = [0, before]
  for await (const page of await exportTransactions(period, context)) {
    lines += page.split('\r\n').length - 1
    peak = Math.max(peak, process.memoryUsage.rss())
  }
  const toMiB = (bytes: number): number => Math.round(bytes / 2 ** 20)
  return { lines, beforeMiB: toMiB(before), peakMiB: toMiB(peak) }
}
