import { readFileSync } from 'node:fs'
import type { EvidenceSource } from '@pay-to-view/purchase'

interface PolicyFiles {
  DISPUTE_REFUND_POLICY_FILE?: string | undefined
  DISPUTE_REFUND_REFUSAL_FILE?: string | undefined
}

const read = (file: string | undefined): string | null => (file === undefined ? null : readFileSync(file, 'utf8'))

/** Reads the site's texts for dispute evidence from files. Called at startup. */
export const readDisputePolicy = (env: PolicyFiles): EvidenceSource['policy'] => ({
  refundPolicy: read(env.DISPUTE_REFUND_POLICY_FILE),
  refundRefusal: read(env.DISPUTE_REFUND_REFUSAL_FILE),
})
