import type { Application, RefundOutcome, RefundWish, View } from '@pay-to-view/workflow-client/types'

/** What a purchase workflow does outside itself. */
export interface PurchaseActivities {
  loadPurchase(id: string): Promise<View>
  applyFacts(application: Application): Promise<View>
  /** Asks Stripe about the payment, or about the checkout when no payment is named, and applies the answer. */
  askStripe(question: Application & { payment: string | null }): Promise<View>
  /** Closes the checkout at Stripe and applies what it has become. */
  closeCheckoutAtStripe(request: Pick<Application, 'id' | 'cause'>): Promise<View>
  /** Writes the wish down; `outcome` is null when it has to be carried out. */
  orderRefund(request: { id: string; wish: RefundWish }): Promise<{ outcome: RefundOutcome | null; view: View }>
  /** Carries out a refund that is written down. */
  carryOutRefund(request: { id: string; requestId: string }): Promise<{ outcome: RefundOutcome; view: View }>
}

/** What the reconciler's workflow does outside itself. */
export interface ReconcileActivities {
  continueReconciling(): Promise<{ events: number; mended: Record<string, number> }>
}
