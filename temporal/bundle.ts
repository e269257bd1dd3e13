import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode } from '@temporalio/worker'

const here = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))

/** What the bundler makes the workflows from. */
export const bundleOptions = {
  workflowsPath: here('./workflows/index.ts'),
  workflowInterceptorModules: [here('./workflows/request-context-interceptor.ts')],
  // Read once for all runs, not once for each: none of these modules keeps anything of a run outside its functions.
  preloadModules: ['limit-stack-traces', 'index', 'request-context-interceptor'].map((name) => here(`./workflows/${name}.ts`)),
}

/** Everything of ours that goes into the bundle, and what says which version of the rest. */
const sources = (): string[] => [
  ...readdirSync(here('./workflows')).map((file) => here(`./workflows/${file}`)),
  ...readdirSync(here('../packages/workflow-client/src')).map((file) => here(`../packages/workflow-client/src/${file}`)),
  ...readdirSync(here('../packages/purchase/src')).map((file) => here(`../packages/purchase/src/${file}`)),
  here('../package-lock.json'),
]

/** The workflows as one file of code, for a build. */
export const bundleWorkflows = async (): Promise<string> => (await bundleWorkflowCode(bundleOptions)).code

/**
 * The bundled workflows as a file in `folder`, made when the sources have changed since: bundling takes some seconds, and every worker of
 * a version needs the same.
 */
export const cachedWorkflowBundle = async (folder: string): Promise<{ codePath: string }> => {
  const hash = createHash('sha256')
  for (const file of sources()) hash.update(readFileSync(file))
  const codePath = path.join(folder, `workflows-${hash.digest('hex').slice(0, 16)}.js`)
  try {
    readFileSync(codePath)
  } catch {
    const code = await bundleWorkflows()
    mkdirSync(folder, { recursive: true })
    // Whole or not at all: several workers may start at once.
    const aside = `${codePath}.${process.pid}`
    writeFileSync(aside, code)
    renameSync(aside, codePath)
  }
  return { codePath }
}
