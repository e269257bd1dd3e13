import type { ApplyFactsInput, PurchaseView, RefundOutcome, RefundRequest } from '@pay-to-view/workflow-client/types'

/** What a purchase workflow does outside itself. */
export interface PurchaseActivities {
  loadPurchase(id: string): Promise<PurchaseView>
  applyFacts(application: ApplyFactsInput): Promise<PurchaseView>
  /** Asks Stripe about the payment, or about the checkout when no payment is named, and applies the answer. */
  refreshFromStripe(question: ApplyFactsInput & { payment: string | null }): Promise<PurchaseView>
  /** Closes the checkout at Stripe and applies what it has become. */
  expireCheckout(request: Pick<ApplyFactsInput, 'id' | 'cause'>): Promise<PurchaseView>
  /** Writes the wish down; `outcome` is null when it has to be carried out. */
  recordRefundRequest(request: {
    id: string
    wish: RefundRequest
  }): Promise<{ outcome: RefundOutcome | null; view: PurchaseView }>
  /** Carries out a refund that is written down. */
  executeRefund(request: { id: string; requestId: string }): Promise<{ outcome: RefundOutcome; view: PurchaseView }>
}

/** What the reconciler's workflow does outside itself. */
export interface ReconcileActivities {
  reconcileFromCursor(): Promise<{ events: number; mended: Record<string, number> }>
}
