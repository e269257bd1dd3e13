export const alertSeverities = ['urgent', 'action', 'info'] as const

/** `urgent` has a deadline, `action` needs an operator's decision, and `info` requires no action and is resolved automatically. */
export type AlertSeverity = (typeof alertSeverities)[number]

const severities: Partial<Record<string, AlertSeverity>> = {
  disputed: 'urgent',
  inquiry: 'urgent',
  dispute_due: 'urgent',
  charged_back: 'info',
  duplicate_refunded: 'info',
  restored: 'info',
}

/**
 * Returns the alert kinds that have the given severity. If `others` is true, the severity applies to all kinds except the returned ones.
 */
export const kindsOfSeverity = (severity: AlertSeverity): { kinds: string[]; others: boolean } => {
  const others = severity === 'action'
  return { kinds: Object.keys(severities).filter((kind) => others || severities[kind] === severity), others }
}

export const alertSeverity = (kind: string): AlertSeverity => severities[kind] ?? 'action'

export const informationalKinds: readonly string[] = Object.keys(severities).filter((kind) => severities[kind] === 'info')
