import { type Access, type AccessPhase, accessPhase } from '@pay-to-view/react'
import { formatCount, formatDateTime } from '../format.ts'

/** Describes the user's access on one line. */
export const accessText = (access: Access): string => {
  const phase = accessPhase(access)
  const isBought = access.source === 'purchase'
  switch (phase.phase) {
    case 'none':
      return 'No access'
    case 'upcoming':
      return `${isBought ? 'You have bought this. It starts' : 'Starts'} on ${formatDateTime(phase.startsAt)}`
    case 'permanent':
      return isBought ? 'You own this' : 'You have permanent access'
    case 'startable':
      return `Start by ${formatDateTime(phase.startBy)}`
    case 'limited':
      return `${access.source === 'complimentary' ? 'Free access' : 'Access'} until ${formatDateTime(phase.expiresAt)}`
    default:
      return phase satisfies never
  }
}

/** Describes the next rental, which the user can start after the current access ends. Null if there is none. */
export const nextRentalText = (phase: AccessPhase): string | null =>
  phase.phase === 'limited' && phase.next !== null
    ? `After that, start again by ${formatDateTime(phase.next.startBy)}. You then have ${formatCount(phase.next.watchWithinHours, 'hour')} to watch.`
    : null
