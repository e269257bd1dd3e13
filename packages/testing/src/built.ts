/** `npm test` builds the programs once for all tests. A plain `vitest run` starts them from source, so that it never tests an older build. */
export const built = process.env.TEST_BUILT === 'true'
