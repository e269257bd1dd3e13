import { alertSeverities } from '@pay-to-view/db'
import { z } from 'zod'
import { text } from '../../text.ts'

export const expectedAlertId = 'Expected the numeric id of an alert'

export const AlertId = z.string(expectedAlertId).regex(/^\d{1,18}$/, expectedAlertId)

export const AlertSeverity = z.enum(alertSeverities, `Expected one of ${alertSeverities.join(', ')}`).meta({
  description:
    'urgent: has a deadline. action: needs a decision. info: requires no action, and is resolved automatically after a week',
})

/** The ids of up to 100 alerts. */
export const AlertIds = z
  .array(AlertId, 'Expected at least 1 id')
  .min(1, 'Expected at least 1 id')
  .max(100, 'Expected at most 100 ids')

/**
 * Without this confirmation, the alert for an open dispute is not resolved, because an operator who no longer sees the alert could miss the
 * deadline for the response.
 */
export const ConfirmOpenDispute = z
  .boolean('Expected true or false')
  .optional()
  .meta({ description: 'Resolve the alert of a dispute even though the dispute is still open' })

export const Note = text(1000).trim()
