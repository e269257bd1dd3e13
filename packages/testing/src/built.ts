/** `npm test` builds the programs once for all tests. A plain `vitest run` starts the programs from source, so it never tests an outdated build. */
export const built = process.env.TEST_BUILT === 'true'

/** Returns the arguments with which Node runs an app. Paths are relative to the root of the repository. */
export const programOf = (app: 'server' | 'worker' | 'ops' | 'stripe-emulator'): string[] =>
  built ? [`apps/${app}/dist/main.js`] : ['--import', 'tsx', `apps/${app}/src/main.ts`]
