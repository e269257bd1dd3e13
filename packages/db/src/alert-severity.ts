export const alertSeverities = ['urgent', 'action', 'info'] as const

/** `urgent` has a deadline, `action` needs an operator's decision, and `info` requires no action and is closed automatically. */
export type AlertSeverity = (typeof alertSeverities)[number]

const severities: Partial<Record<string, AlertSeverity>> = {
  disputed: 'urgent',
  duplicate_refunded: 'info',
  restored: 'info',
}

export const alertSeverity = (kind: string): AlertSeverity => severities[kind] ?? 'action'

export const informationalKinds: readonly string[] = Object.keys(severities).filter((kind) => severities[kind] === 'info')
