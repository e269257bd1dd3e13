import { type Access, accessPhase } from '@pay-to-view/react'
import { formatDateTime } from '../format.ts'

/** Describes the user's access in one line. */
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
      return `${isBought ? 'Rented' : 'Free access'} until ${formatDateTime(phase.expiresAt)}`
    default:
      return phase satisfies never
  }
}
