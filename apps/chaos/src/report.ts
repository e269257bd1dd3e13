import type { Outcome } from './run.ts'

const sum = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((all, count) => all + count, 0)
const list = (counts: ReadonlyMap<string, number>): string =>
  [...counts]
    .map(([what, count]) => `${what} ${count}`)
    .sort()
    .join(', ') || 'none'

/** What was asked for and not done: a run that ended early proves less than it was to prove. */
export const shortfalls = ({ lives, faults, kills }: Outcome): string[] =>
  [
    lives.lived < lives.wanted && `${lives.lived} of ${lives.wanted} lives were lived`,
    sum(faults.done) < faults.wanted && `${sum(faults.done)} of ${faults.wanted} faults came`,
    sum(kills.done) < kills.wanted && `${sum(kills.done)} of ${kills.wanted} kills were done`,
  ].filter((text) => text !== false)

export const reportOf = (outcome: Outcome): string => {
  const { seed, lives, faults, kills, spoilt, violations, took } = outcome
  const short = shortfalls(outcome)
  return [
    `seed        ${seed}`,
    `lives       ${lives.lived} of ${lives.wanted}, ${lives.bought} of them bought, in ${took.lives.toFixed(0)} s; ${took.settling.toFixed(0)} s to settle`,
    `faults      ${sum(faults.done)} of ${faults.wanted}: ${list(faults.done)}`,
    `kill -9     ${sum(kills.done)} of ${kills.wanted}: ${list(kills.done)}`,
    `at Stripe   ${sum(spoilt)} answers and webhooks spoilt: ${list(spoilt)}`,
    `violations  ${violations.length}`,
    ...violations.map((violation) => `  ${violation}`),
    ...short.map((text) => `not reached: ${text}`),
    violations.length > 0
      ? 'Something does not hold.'
      : short.length > 0
        ? 'What was done holds; it is less than was asked for.'
        : 'Everything holds.',
  ].join('\n')
}
