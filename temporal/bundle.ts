import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode } from '@temporalio/worker'

const resolve = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))

/** Options for the SDK's bundler. */
export const bundleOptions = {
  workflowsPath: resolve('./workflows/index.ts'),
  payloadConverterPath: resolve('./workflows/payload-converter.ts'),
  workflowInterceptorModules: [resolve('./workflows/request-context-interceptor.ts')],
  // These modules are loaded once and shared by all runs, so they must not keep a run's state at module level.
  preloadModules: ['limit-stack-traces', 'payload-converter', 'index', 'request-context-interceptor'].map((name) =>
    resolve(`./workflows/${name}.ts`),
  ),
}

const filesIn = (folder: string): string[] =>
  readdirSync(resolve(folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort()

/** Our sources in the bundle, and the lock file, which determines all other sources. */
const sourceFiles = (): string[] => [
  ...filesIn('./workflows'),
  ...filesIn('../packages/workflow-client/src'),
  ...filesIn('../packages/purchase/src'),
  resolve('../package-lock.json'),
]

/** Returns the workflows bundled into one file of code. */
export const bundleWorkflows = async (): Promise<string> => (await bundleWorkflowCode(bundleOptions)).code

/**
 * Returns the bundle from a cache folder. The bundle is rebuilt only after the sources have changed, because bundling takes seconds and all
 * workers of a version need the same bundle.
 */
export const cachedWorkflowBundle = async (folder: string): Promise<{ codePath: string }> => {
  const hash = createHash('sha256')
  for (const file of sourceFiles()) hash.update(readFileSync(file))
  const codePath = path.join(folder, `workflows-${hash.digest('hex').slice(0, 16)}.js`)
  try {
    readFileSync(codePath)
  } catch {
    const code = await bundleWorkflows()
    mkdirSync(folder, { recursive: true })
    // The bundle is written to another file and renamed, because several workers may start at the same time.
    const temporaryPath = `${codePath}.${process.pid}`
    writeFileSync(temporaryPath, code)
    renameSync(temporaryPath, codePath)
  }
  return { codePath }
}
