import { type Db, readDisputes, recordAudit } from '@pay-to-view/db'
import type { DisputeEvidence } from '@pay-to-view/purchase'
import {
  type DisputeBlocker,
  type DisputeDetails,
  disputeBlocker,
  isDefiniteRejection,
  type StripeGateway,
} from '@pay-to-view/stripe'
import type { ErrorCode } from '../error-table.ts'
import { ApiError } from '../errors.ts'

/** The Stripe calls that the dispute commands need. */
export type DisputeGateway = Pick<StripeGateway, 'retrieveDispute' | 'stageEvidence' | 'submitEvidence'>

const blockerCodes: Record<DisputeBlocker, ErrorCode> = {
  closed: 'dispute_closed',
  submitted: 'dispute_already_submitted',
  past_due: 'dispute_past_due',
}

const requireEditable = (dispute: DisputeDetails): void => {
  const blocker = disputeBlocker(dispute)
  if (blocker !== null) throw new ApiError(blockerCodes[blocker])
}

/**
 * Returns the most urgent of a purchase's disputes: the dispute with the earliest deadline among those that need a response, or the newest
 * dispute if none needs a response.
 */
const mostUrgent = (disputes: readonly DisputeDetails[]): DisputeDetails | undefined =>
  disputes
    .filter((dispute) => disputeBlocker(dispute) === null)
    .toSorted((a, b) => (a.dueBy ?? Infinity) - (b.dueBy ?? Infinity))[0] ?? disputes[0]

/** The operator's response to a dispute. Only Stripe stores the evidence, because it contains the buyer's name and address. */
export const createDisputeCommands = (db: Db, stripe: DisputeGateway | null) => {
  const gateway = (): DisputeGateway => {
    if (stripe === null) throw new Error('This server has no connection to Stripe')
    return stripe
  }

  const requireDispute = async (purchaseId: string): Promise<DisputeDetails> => {
    const disputeIds = await readDisputes(db, purchaseId)
    if (disputeIds === null) throw new ApiError('purchase_not_found', { field: 'id' })
    const disputes = await Promise.all(disputeIds.map((id) => gateway().retrieveDispute(id)))
    const dispute = mostUrgent(disputes.filter((one) => one !== null))
    if (!dispute) throw new ApiError('dispute_not_found', { field: 'id' })
    return dispute
  }

  /** If Stripe rejects the write, reads the dispute again: a change to the dispute since the last read may be the reason. */
  const write = async (dispute: DisputeDetails, send: () => Promise<DisputeDetails>): Promise<DisputeDetails> => {
    try {
      return await send()
    } catch (error) {
      if (!isDefiniteRejection(error)) throw error
      const current = await gateway().retrieveDispute(dispute.id)
      if (current) requireEditable(current)
      throw new ApiError('evidence_refused')
    }
  }

  return {
    readDispute: requireDispute,

    /** Stages some fields of the evidence and leaves all other fields unchanged. An empty string clears a field. */
    stageEvidence: async (purchaseId: string, evidence: DisputeEvidence, actor: string): Promise<DisputeDetails> => {
      const before = await requireDispute(purchaseId)
      requireEditable(before)
      const dispute = await write(before, () => gateway().stageEvidence(before.id, evidence, crypto.randomUUID()))
      // Only the field names are logged, because the texts contain the buyer's name and address.
      const after = { disputeId: before.id, fields: Object.keys(evidence) }
      await recordAudit(db, { actor, action: 'dispute.evidence_staged', subjectId: purchaseId, before: null, after })
      return dispute
    },

    /** Submits the staged evidence to the bank. Of two concurrent calls, only one submits the evidence. */
    submitEvidence: async (purchaseId: string, actor: string): Promise<DisputeDetails> => {
      const before = await requireDispute(purchaseId)
      requireEditable(before)
      if (!before.hasEvidence) throw new ApiError('dispute_without_evidence')
      const dispute = await write(before, () => gateway().submitEvidence(before))
      const after = { disputeId: before.id, submissionCount: dispute.submissionCount }
      await recordAudit(db, { actor, action: 'dispute.submitted', subjectId: purchaseId, before: null, after })
      return dispute
    },
  }
}
