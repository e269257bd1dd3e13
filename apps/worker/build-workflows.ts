import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { bundleWorkflows } from '@pay-to-view/temporal/bundle'

// The second step of `npm run build`, which bundles the workflows into one file for the worker (WORKFLOW_BUNDLE).
const { values } = parseArgs({ options: { out: { type: 'string', default: 'dist' } } })
await writeFile(path.join(values.out, 'workflows.js'), await bundleWorkflows())
