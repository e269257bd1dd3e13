import { mkdir, rm } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { build, type Plugin } from 'esbuild'

/** Our own packages go into the bundle; those from npm stay outside, because some load native code, WebAssembly or files next to them. */
const externalPackages: Plugin = {
  name: 'external-packages',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === 'entry-point' || path.startsWith('@pay-to-view/') ? undefined : { path, external: true },
    )
  },
}

/** Bundles the named programs of the app in the working folder: src/NAME.ts becomes NAME.js in `out`. */
const bundle = async (names: readonly string[], out: string): Promise<void> => {
  await rm(out, { recursive: true, force: true })
  await mkdir(out, { recursive: true })
  await build({
    entryPoints: names.map((name) => `src/${name}.ts`),
    outdir: out,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    sourcemap: true,
    logLevel: 'warning',
    plugins: [externalPackages],
  })
}

const { values, positionals } = parseArgs({ options: { out: { type: 'string', default: 'dist' } }, allowPositionals: true })
await bundle(positionals, values.out)
