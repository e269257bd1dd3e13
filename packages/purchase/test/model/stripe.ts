import type { DisputeSnapshot, PaymentSnapshot, RefundSnapshot, SessionSnapshot, Snapshot } from '../../src/index.ts'

interface Checkout {
  session: SessionSnapshot
  payment: PaymentSnapshot | null
}

/** A model of Stripe's state for one purchase. Every change emits snapshots in the order of Stripe's clock. */
export class StripeModel {
  readonly emitted: Snapshot[] = []
  readonly checkouts: Checkout[] = []
  readonly refunds: RefundSnapshot[] = []
  readonly disputes: DisputeSnapshot[] = []
  readonly #name: string
  readonly #clock: { now: number }
  readonly #quote: { userId: string; entityId: string }

  constructor(name: string, clock: { now: number }, quote: { userId: string; entityId: string }) {
    this.#name = name
    this.#clock = clock
    this.#quote = quote
    this.createCheckout()
  }

  #emit<T extends Snapshot>(snapshot: T): T {
    const current = { ...snapshot, observedAt: ++this.#clock.now }
    this.emitted.push(current)
    return current
  }

  createCheckout(): void {
    const { userId, entityId } = this.#quote
    const id = `cs_${this.#name}_${this.checkouts.length}`
    const createdAt = this.#clock.now
    const session: SessionSnapshot = this.#emit({
      ...{ kind: 'session', id, status: 'open', paymentIntentId: null, hasPaymentIntent: true, userId, entityId },
      ...{ createdAt, observedAt: 0 },
    })
    this.checkouts.push({ session, payment: null })
  }

  pay(index: number, amount: number, status: 'paid' | 'processing'): void {
    const checkout = this.checkouts[index % this.checkouts.length]
    if (checkout?.session.status !== 'open') return
    const id = `pi_${checkout.session.id}`
    checkout.payment = this.#emit({ kind: 'payment', id, status, amount, currency: 'usd', observedAt: 0 })
    checkout.session = this.#emit({ ...checkout.session, status: 'complete', paymentIntentId: id })
  }

  settle(index: number, status: 'paid' | 'failed'): void {
    const checkout = this.checkouts[index % this.checkouts.length]
    if (checkout?.payment?.status !== 'processing') return
    checkout.payment = this.#emit({ ...checkout.payment, status })
    checkout.session = this.#emit(checkout.session)
  }

  /** Emits a payment and its session again, unchanged except for a later time. */
  refresh(index: number): void {
    const checkout = this.checkouts[index % this.checkouts.length]
    if (!checkout?.payment) return
    checkout.payment = this.#emit(checkout.payment)
    checkout.session = this.#emit(checkout.session)
  }

  expire(index: number): void {
    const checkout = this.checkouts[index % this.checkouts.length]
    if (checkout?.session.status === 'open') checkout.session = this.#emit({ ...checkout.session, status: 'expired' })
  }

  get paid(): PaymentSnapshot[] {
    return this.checkouts.flatMap(({ payment }) => (payment?.status === 'paid' ? [payment] : []))
  }

  /** Returns the sum of a payment's active refunds. */
  refundedAmount(payment: string): number {
    return this.refunds
      .filter((refund) => refund.paymentIntentId === payment && refund.status !== 'failed' && refund.status !== 'canceled')
      .reduce((sum, refund) => sum + refund.amount, 0)
  }

  /** Refunds an amount of a payment. Like Stripe, never refunds more than the remaining amount. */
  refund(payment: PaymentSnapshot | undefined, amount: number, requestId: string | null = null): void {
    if (!payment || this.refundedAmount(payment.id) + amount > payment.amount) return
    const id = `re_${this.#name}_${this.refunds.length}`
    const createdAt = this.#clock.now
    this.refunds.push(
      this.#emit({
        kind: 'refund',
        id,
        paymentIntentId: payment.id,
        status: 'pending',
        amount,
        createdAt,
        requestId,
        observedAt: 0,
      }),
    )
  }

  updateRefund(index: number, status: RefundSnapshot['status']): void {
    const at = index % Math.max(1, this.refunds.length)
    const refund = this.refunds[at]
    const possible = { pending: true, requires_action: true, succeeded: status === 'failed', canceled: false, failed: false }
    if (refund && possible[refund.status] && status !== 'pending') this.refunds[at] = this.#emit({ ...refund, status })
  }

  dispute(payment: PaymentSnapshot | undefined): void {
    if (!payment || this.disputes.some((dispute) => dispute.paymentIntentId === payment.id)) return
    const dispute = {
      kind: 'dispute' as const,
      id: `du_${payment.id}`,
      paymentIntentId: payment.id,
      amount: payment.amount,
      observedAt: 0,
    }
    this.disputes.push(this.#emit({ ...dispute, status: 'needs_response', refundable: false, withdrawn: true }))
  }

  updateDispute(status: DisputeSnapshot['status'], withdrawn: boolean): void {
    const dispute = this.disputes[0]
    if (dispute) this.disputes[0] = this.#emit({ ...dispute, status, withdrawn })
  }
}
