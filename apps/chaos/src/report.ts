import type { ChaosResult } from './run.ts'

const total = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((sum, count) => sum + count, 0)
const breakdown = (counts: ReadonlyMap<string, number>): string =>
  [...counts]
    .map(([name, count]) => `${name} ${count}`)
    .sort()
    .join(', ') || 'none'

/** Describes the planned purchases, faults and kills that were not executed. A run that ended early proves less. */
export const shortfalls = ({ purchases, faults, kills }: ChaosResult): string[] =>
  [
    purchases.run < purchases.planned && `only ${purchases.run} of ${purchases.planned} purchases were run`,
    total(faults.injected) < faults.planned && `only ${total(faults.injected)} of ${faults.planned} faults were injected`,
    total(kills.injected) < kills.planned && `only ${total(kills.injected)} of ${kills.planned} kills were carried out`,
  ].filter((text) => text !== false)

export const formatReport = (result: ChaosResult): string => {
  const { seed, purchases, faults, kills, stripeFaultHits, webhooks, emails, violations, seconds } = result
  const missing = shortfalls(result)
  return [
    `seed           ${seed}`,
    `purchases      ${purchases.run} of ${purchases.planned}, ${purchases.paid} paid; ${seconds.purchases.toFixed(0)} s, then ${seconds.settling.toFixed(0)} s to settle`,
    `faults         ${total(faults.injected)} of ${faults.planned}: ${breakdown(faults.injected)}`,
    `kill -9        ${total(kills.injected)} of ${kills.planned}: ${breakdown(kills.injected)}`,
    `Stripe faults  ${total(stripeFaultHits)} hits: ${breakdown(stripeFaultHits)}`,
    `webhooks       ${webhooks.messages} messages arrived, and ${webhooks.repeated} requests repeated a message`,
    `e-mails        ${emails.sent} arrived, plus ${emails.repeated} repeats`,
    `violations     ${violations.length}`,
    ...violations.map((violation) => `  ${violation}`),
    ...missing.map((text) => `incomplete: ${text}`),
    violations.length > 0
      ? 'FAILED: invariants are violated.'
      : missing.length > 0
        ? 'INCOMPLETE: all invariants hold, but fewer purchases or faults ran than requested.'
        : 'PASSED: all invariants hold.',
  ].join('\n')
}
