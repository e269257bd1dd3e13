/**
 * node --import tsx benchmarks/scale/import.ts [rows]: measures the duration and memory usage of `npm run catalog` with a temporary
 * Postgres. Works only on Linux.
 */
import { spawn } from 'node:child_process'
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { migrate } from '@pay-to-view/db/migrate'
import { createTemporaryDataFolder, removeDataFolder } from '@pay-to-view/devstack'
import { freePort } from '@pay-to-view/devstack/ports'
import { startPostgres } from '@pay-to-view/devstack/postgres'
import { z } from 'zod'
import { usageOf } from '../src/process-usage.ts'

const rowCount = z.coerce.number().int().min(1000).default(100_000).parse(process.argv[2])
const containerCount = 100
const prices = ['4.99', '9.99', '2.49']

/** Yields the lines of a catalog file. Members come before their containers, so that the file is imported in two passes. */
function* generateRows(): Generator<string> {
  yield 'id,type,title,description,image_url,duration,status,member_of,price_usd,access_days\r\n'
  for (let index = 0; index < rowCount - containerCount; index++) {
    const texts = `"Film ""${index}"", restored","A film of ${1900 + (index % 120)}",https://cdn.example.com/${index}.jpg`
    yield `film-${index},video,${texts},${60 + (index % 7_000)},published,channel-${index % containerCount},${prices[index % 3]},30\r\n`
  }
  for (let index = 0; index < containerCount; index++) yield `channel-${index},channel,Channel ${index},,,,,,29.99,365\r\n`
}

const dataFolder = createTemporaryDataFolder('pay-to-view-import-')
const folder = mkdtempSync(path.join(tmpdir(), 'pay-to-view-import-'))
const server = await startPostgres(dataFolder, { port: await freePort(), ephemeral: true })

const measure = async (description: string, ...args: string[]): Promise<void> => {
  const start = performance.now()
  const child = spawn(process.execPath, ['--import', 'tsx', 'apps/ops/src/main.ts', 'catalog', ...args], {
    stdio: ['ignore', 'inherit', 'ignore'],
    env: { PATH: process.env.PATH, DATABASE_URL: server.databaseUrl },
  })
  let peak = 0
  const sampler = setInterval(() => {
    peak = Math.max(peak, usageOf(child.pid ?? 0).memory)
  }, 500)
  const exitCode = await new Promise<number | null>((resolve) => child.once('exit', resolve))
  clearInterval(sampler)
  const seconds = (performance.now() - start) / 1000
  console.log(`| ${description} | ${seconds.toFixed(1)} | ${Math.round(rowCount / seconds)} | ${Math.round(peak / 2 ** 20)} |`)
  if (exitCode !== 0) throw new Error(`${description}: exit code ${exitCode}`)
}

try {
  await migrate(server.databaseUrl)
  const file = path.join(folder, 'catalog.csv')
  await pipeline(generateRows(), createWriteStream(file))
  console.log('| command | seconds | rows per second | peak MiB |\n| --- | --- | --- | --- |')
  await measure('import --dry-run', 'import', file, '--dry-run')
  await measure('import', 'import', file)
  await measure('the same file again', 'import', file)
  for (const format of ['csv', 'jsonl']) {
    const exported = path.join(folder, `exported.${format}`)
    await measure(`export, ${format}`, 'export', exported)
    await measure(`import of that ${format}`, 'import', exported)
  }
} finally {
  await server.child.stop()
  removeDataFolder(dataFolder)
  rmSync(folder, { recursive: true, force: true })
}
