import { migrate } from '@pay-to-view/db/migrate'
import { startPostgres, withClient } from '@pay-to-view/devstack/postgres'
import { seed } from '@pay-to-view/devstack/seed'

/** Starts Postgres with pg_stat_statements. The extension must be preloaded, so Postgres is started, configured and then restarted. */
export const startPostgresWithStatistics: typeof startPostgres = async (dataFolder, options) => {
  const { child, databaseUrl } = await startPostgres(dataFolder, options)
  for (const setting of [`shared_preload_libraries = 'pg_stat_statements'`, 'pg_stat_statements.track_planning = on']) {
    await withClient(databaseUrl, (client) => client.query(`alter system set ${setting}`))
  }
  await child.stop()
  const restarted = await startPostgres(dataFolder, options)
  await withClient(restarted.databaseUrl, (client) => client.query('create extension pg_stat_statements'))
  return restarted
}

/** Returns the URL of a baseline's database, which is on the same Postgres server as pay-to-view's database and has the same tables. */
export const databaseUrlOf = (databaseUrl: string, baseline: string): string => databaseUrl.replace(/[^/]+$/, baseline)

/** Creates the baselines' databases, migrates and seeds all databases, and returns their URLs. */
export const prepareDatabases = async (databaseUrl: string, baselines: readonly string[]): Promise<string[]> => {
  for (const baseline of baselines) {
    await withClient(databaseUrl, (client) => client.query(`create database ${baseline}`))
  }
  const urls = [databaseUrl, ...baselines.map((baseline) => databaseUrlOf(databaseUrl, baseline))]
  for (const url of urls) {
    await migrate(url)
    await seed(url)
  }
  return urls
}
