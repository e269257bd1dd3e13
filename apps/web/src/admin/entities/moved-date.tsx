import type { Inputs } from '@pay-to-view/client'
import { formatDateTime } from '../../format.ts'
import type { Entity } from '../catalog/search-entities.ts'
import { ConfirmDialog } from '../confirm-dialog.tsx'
import { count } from './cancel-entity.tsx'

export type EntityInput = Inputs['admin']['entities']['put']

/** Whether saving the entity changes when pre-sold access starts. */
export const movesDate = (entity: Entity, { availableFrom = null }: EntityInput): boolean =>
  (entity.availableFrom === null ? null : Date.parse(entity.availableFrom)) !==
  (availableFrom === null ? null : Date.parse(availableFrom))

/** Asks for confirmation before a save changes when pre-sold access starts. */
export const MovedDate = ({
  input,
  preSold,
  isPending,
  onConfirm,
  onClose,
}: {
  input: EntityInput
  preSold: number
  isPending: boolean
  onConfirm: () => void
  onClose: () => void
}) => (
  <ConfirmDialog
    title={`Change when access starts for ${count(preSold, 'buyer')}?`}
    action="Save and change"
    isPending={isPending}
    error={null}
    onConfirm={onConfirm}
    onClose={onClose}
  >
    <p>
      Access that was bought in advance ({count(preSold, 'purchase')}) will start{' '}
      {input.availableFrom
        ? `on ${formatDateTime(input.availableFrom)}. The length of access stays the same.`
        : 'immediately. The length of access is counted from the time of payment.'}
    </p>
  </ConfirmDialog>
)
