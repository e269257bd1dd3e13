import { type Db, type OpenDispute, readEvidenceSource, recordEvidenceOutcome } from '@pay-to-view/db'
import { assembleEvidence, type EvidenceSource } from '@pay-to-view/purchase'
import { type DisputeDetails, disputeBlocker, type StripeGateway } from '@pay-to-view/stripe'

export interface EvidenceStagerDeps {
  db: Db
  stripe: StripeGateway
  /** The site's texts for every dispute. */
  policy: EvidenceSource['policy']
}

export type StageEvidence = (dispute: OpenDispute) => Promise<void>

const outcomeOf = (dispute: DisputeDetails | null): 'present' | 'closed' | null => {
  if (dispute === null) return 'closed'
  if (dispute.hasEvidence || dispute.submissionCount > 0) return 'present'
  return disputeBlocker(dispute) === null ? null : 'closed'
}

/**
 * Returns a function that assembles the evidence of a dispute and stages it at Stripe, without submitting it. Evidence that the dispute already has is
 * never overwritten. It may be called again until it succeeds.
 */
export const createEvidenceStager =
  ({ db, stripe, policy }: EvidenceStagerDeps): StageEvidence =>
  async (dispute) => {
    const outcome = outcomeOf(await stripe.retrieveDispute(dispute.id))
    const source = outcome === null ? await readEvidenceSource(db, dispute.purchaseId) : null
    if (source) {
      const payment = await stripe.fetchDisputedPayment(dispute.id)
      const evidence = assembleEvidence({ ...source, ...payment, policy })
      await stripe.stageEvidence(dispute.id, evidence, JSON.stringify(evidence))
    }
    await recordEvidenceOutcome(db, dispute, outcome ?? 'staged')
  }
