import { type Db, disputesWithoutEvidence, type OpenDispute, readEvidenceSource, recordEvidenceOutcome } from '@pay-to-view/db'
import { assembleEvidence, type EvidenceSource } from '@pay-to-view/purchase'
import { type DisputeDetails, disputeBlocker, isDefiniteRejection, type StripeGateway } from '@pay-to-view/stripe'

export interface EvidenceStagerDeps {
  db: Db
  stripe: StripeGateway
  /** The site's texts that are used for every dispute. */
  policy: EvidenceSource['policy']
}

export type StageEvidence = (dispute: OpenDispute) => Promise<void>

const outcomeOf = (dispute: DisputeDetails | null): 'present' | 'closed' | null => {
  if (dispute === null) return 'closed'
  if (dispute.hasEvidence || dispute.submissionCount > 0) return 'present'
  return disputeBlocker(dispute) === null ? null : 'closed'
}

/**
 * Returns a function that assembles the evidence for a dispute and stages it in Stripe, without submitting it. Evidence that the dispute
 * already has is never overwritten. The function can be called repeatedly until it succeeds.
 */
export const createEvidenceStager =
  ({ db, stripe, policy }: EvidenceStagerDeps): StageEvidence =>
  async (dispute) => {
    const outcome = outcomeOf(await stripe.retrieveDispute(dispute.id))
    if (outcome !== null) return recordEvidenceOutcome(db, dispute, outcome)
    const source = await readEvidenceSource(db, dispute.purchaseId)
    if (!source) return

    const payment = await stripe.fetchDisputedPayment(dispute.id)
    const evidence = assembleEvidence({ ...source, ...payment, policy })
    try {
      await stripe.stageEvidence(dispute.id, evidence, JSON.stringify(evidence))
    } catch (error) {
      // Stripe's message may quote the buyer's address, so it is neither logged nor stored.
      if (!isDefiniteRejection(error)) throw error
      return recordEvidenceOutcome(db, dispute, 'refused')
    }
    await recordEvidenceOutcome(db, dispute, 'staged')
  }

/** Stages evidence for a purchase's new disputes as soon as they are known. Failures are left to the reconciler. */
export const stageEvidenceNow = async (db: Db, stageEvidence: StageEvidence, purchaseId: string): Promise<void> => {
  for (const dispute of await disputesWithoutEvidence(db, 10, purchaseId)) await stageEvidence(dispute)
}
