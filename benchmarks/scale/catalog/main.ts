/**
 * node --import tsx benchmarks/scale/catalog/main.ts [purchases] [entities]: compares the duration of requests with a large catalog and
 * with a catalog of 7 entities, and prints the plans of the requests' queries. Exits with 1 if a request takes more than 1.5 times as long
 * with the large catalog, if a response is larger than 200 kB, or if a plan scans a large table.
 */
import { issueToken } from '@pay-to-view/devstack'
import { z } from 'zod'
import { call, closeConnections } from '../../src/http.ts'
import { quantile } from '../../src/statistics.ts'
import { explainQueries, printPlans, relationsOf } from '../plans.ts'
import { queriesOf } from './queries.ts'
import { type CatalogNames, type CatalogRequest, largeNames, requestsOf, smallNames, toHttpCall } from './requests.ts'
import { type CatalogServer, type CatalogStack, startCatalogStack } from './stack.ts'

const [purchases, entities] = z
  .tuple([z.coerce.number().int().min(1_000).default(1_000_000), z.coerce.number().int().min(10_000).default(100_000)])
  .parse([process.argv[2], process.argv[3]])

const smallCatalog = 7
const largestPage = 200
const rounds = 50
/** The number of warm-up rounds, which are needed because the first calls on a connection plan the statements. */
const warmUpRounds = 20
const maxRatio = 1.5
const maxResponseBytes = 200_000
const largeTables = [
  'entities',
  'memberships',
  'containments',
  'offers',
  'purchases',
  'grants',
  'stripe_events',
  'changes',
  'customers',
]

interface Measured {
  small: number[]
  large: number[]
  bytes: number
}

let users = 0

const measure = async (stack: CatalogStack, tokens: { user: string; admin: string }) => {
  const tokenOf = async ({ caller, body }: CatalogRequest): Promise<string | undefined> => {
    if (body) return issueToken(stack.dataFolder, `buyer-${++users}`)
    return caller === 'anonymous' ? undefined : tokens[caller]
  }
  const time = async (server: CatalogServer, request: CatalogRequest): Promise<{ duration: number; bytes: number }> => {
    const httpCall = toHttpCall(request, await tokenOf(request))
    const start = performance.now()
    const response = await call(server.url + request.path, httpCall)
    return { duration: performance.now() - start, bytes: Buffer.byteLength(response) }
  }
  return async (small: CatalogRequest, large: CatalogRequest): Promise<Measured> => {
    const measured: Measured = { small: [], large: [], bytes: 0 }
    for (let round = 0; round < warmUpRounds + rounds; round++) {
      // The two servers alternate, so that other load on the machine affects both equally.
      const first = await time(stack.small, small)
      const second = await time(stack.large, large)
      measured.bytes = Math.max(measured.bytes, first.bytes, second.bytes)
      if (round < warmUpRounds) continue
      measured.small.push(first.duration)
      measured.large.push(second.duration)
    }
    return measured
  }
}

const requestsFor = (names: CatalogNames, limit: number): Map<string, CatalogRequest> =>
  new Map(Object.entries(requestsOf(names, limit)))

const compare = async (stack: CatalogStack): Promise<string[]> => {
  const tokens = {
    user: await issueToken(stack.dataFolder, 'user-4711'),
    admin: await issueToken(stack.dataFolder, 'root', { admin: true }),
  }
  const measurePair = await measure(stack, tokens)
  const misses: string[] = []
  const largePages = requestsFor(largeNames, largestPage)
  const largeRequests = requestsFor(largeNames, smallCatalog)
  console.log(`\n| request | 7 entities, ms | ${entities} entities, ms | ratio | p95 ms | kB of ${largestPage} items |`)
  console.log('| --- | --- | --- | --- | --- | --- |')
  for (const [name, small] of requestsFor(smallNames, smallCatalog)) {
    const large = largeRequests.get(name)
    const largePage = largePages.get(name)
    if (!large || !largePage) throw new Error(`${name} is not measured`)
    const measured = await measurePair(small, large)
    const [before, after] = [quantile(measured.small, 0.5), quantile(measured.large, 0.5)]
    const ratio = after / before
    const token = largePage.caller === 'anonymous' ? undefined : tokens[largePage.caller]
    const bytes = largePage.body
      ? measured.bytes
      : Buffer.byteLength(await call(stack.large.url + largePage.path, toHttpCall(largePage, token)))
    const columns = [name, before.toFixed(2), after.toFixed(2), ratio.toFixed(2), quantile(measured.large, 0.95).toFixed(2)]
    console.log(`| ${[...columns, (bytes / 1_000).toFixed(0)].join(' | ')} |`)
    if (ratio > maxRatio) misses.push(`${name} takes ${ratio.toFixed(2)} times as long`)
    if (bytes > maxResponseBytes) misses.push(`${name} returns ${bytes} bytes`)
  }
  return misses
}

const explain = async ({ large, logFile }: CatalogStack): Promise<string[]> => {
  const plans = await explainQueries({ databaseUrl: large.databaseUrl, logFile }, queriesOf)
  printPlans(plans)
  console.log('\n| query | indexes and tables read |\n| --- | --- |')
  for (const [name, texts] of plans) console.log(`| ${name} | ${relationsOf(texts).join(', ')} |`)
  return [...plans].flatMap(([name, texts]) => {
    const scanned = texts.flatMap((text) => [...text.matchAll(/Seq Scan on (\w+)/g)].map(([, table = '']) => table))
    const missing = texts.length === 0 ? [`${name} has no plan`] : []
    return [...missing, ...scanned.filter((table) => largeTables.includes(table)).map((table) => `${name} scans ${table}`)]
  })
}

const stack = await startCatalogStack({ purchases, entities }, (line) => console.error(line))
try {
  const misses = [...(await compare(stack)), ...(await explain(stack))]
  console.log(misses.length === 0 ? '\nEvery goal is met.' : `\nMissed goals:\n${misses.join('\n')}`)
  if (misses.length > 0) process.exitCode = 1
} finally {
  closeConnections()
  await stack.stop()
}
