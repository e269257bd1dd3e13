import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { bundleWorkflows } from '@pay-to-view/temporal/bundle'

// The second half of `npm run build`: all workflows as one file, which the worker loads (WORKFLOW_BUNDLE).
const { values } = parseArgs({ options: { out: { type: 'string', default: 'dist' } } })
await writeFile(path.join(values.out, 'workflows.js'), await bundleWorkflows())
