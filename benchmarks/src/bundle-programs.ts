import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { repositoryRoot } from '@pay-to-view/devstack/data-folder'
import { bundleWorkflows } from '@pay-to-view/temporal/bundle'
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker'

/**
 * Bundles a package's entry points in the same way as for the container images, but into a separate folder, because other builds may be
 * running.
 */
const bundle = (packageFolder: string, outFolder: string, ...entryPoints: string[]): void => {
  const script = path.join(repositoryRoot, 'packages/bundle/src/bundle.ts')
  const args = ['--import', 'tsx', script, '--out', outFolder, ...entryPoints]
  execFileSync(process.execPath, args, { cwd: path.join(repositoryRoot, packageFolder) })
}

const bundleDurableBaseline = async (outFolder: string): Promise<void> => {
  bundle('benchmarks', outFolder, '../baselines/durable/main', '../baselines/durable/worker')
  const workflowsPath = path.join(repositoryRoot, 'benchmarks/baselines/durable/workflows.ts')
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    preloadModules: [path.join(repositoryRoot, 'temporal/workflows/limit-stack-traces.ts'), workflowsPath],
    logger: new DefaultLogger('ERROR'),
  })
  writeFileSync(path.join(outFolder, 'workflows.js'), code)
}

/** Bundles pay-to-view's server and worker, the baselines and the Stripe stub, each into its own folder. */
export const bundlePrograms = async (outFolder: string, { durable }: { durable: boolean }): Promise<void> => {
  bundle('benchmarks', path.join(outFolder, 'plain'), '../baselines/plain/main')
  bundle('benchmarks', path.join(outFolder, 'stripe'), 'stripe-stub')
  if (durable) await bundleDurableBaseline(path.join(outFolder, 'durable'))
  bundle('apps/server', path.join(outFolder, 'server'), 'main')
  bundle('apps/worker', path.join(outFolder, 'worker'), 'main')
  writeFileSync(path.join(outFolder, 'worker/workflows.js'), await bundleWorkflows())
}
