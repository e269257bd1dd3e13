/** `npm test` builds the programs once for all tests. A plain `vitest run` starts them from source, so it never tests an outdated build. */
export const built = process.env.TEST_BUILT === 'true'

/** The arguments for Node that run an app, relative to the root of the repository. */
export const programOf = (app: 'server' | 'worker' | 'ops' | 'stripe-emulator'): string[] =>
  built ? [`apps/${app}/dist/main.js`] : ['--import', 'tsx', `apps/${app}/src/main.ts`]
