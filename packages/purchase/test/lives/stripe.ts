import type { DisputeSnapshot, PaymentSnapshot, RefundSnapshot, SessionSnapshot, Snapshot } from '../../src/index.ts'

interface Checkout {
  session: SessionSnapshot
  payment: PaymentSnapshot | null
}

/** A small Stripe of its own: what it holds of one purchase, and the snapshots that it tells of each change, in the order of its clock. */
export class Stripe {
  readonly told: Snapshot[] = []
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
    this.open()
  }

  #tell<T extends Snapshot>(snapshot: T): T {
    const now = { ...snapshot, observedAt: ++this.#clock.now }
    this.told.push(now)
    return now
  }

  open(): void {
    const { userId, entityId } = this.#quote
    const id = `cs_${this.#name}_${this.checkouts.length}`
    const createdAt = this.#clock.now
    const session: SessionSnapshot = this.#tell({
      ...{ kind: 'session', id, status: 'open', paymentIntentId: null, hasPaymentIntent: true, userId, entityId },
      ...{ createdAt, observedAt: 0 },
    })
    this.checkouts.push({ session, payment: null })
  }

  pay(nth: number, amount: number, status: 'paid' | 'processing'): void {
    const checkout = this.checkouts[nth % this.checkouts.length]
    if (checkout?.session.status !== 'open') return
    const id = `pi_${checkout.session.id}`
    checkout.payment = this.#tell({ kind: 'payment', id, status, amount, currency: 'usd', observedAt: 0 })
    checkout.session = this.#tell({ ...checkout.session, status: 'complete', paymentIntentId: id })
  }

  settle(nth: number, status: 'paid' | 'failed'): void {
    const checkout = this.checkouts[nth % this.checkouts.length]
    if (checkout?.payment?.status !== 'processing') return
    checkout.payment = this.#tell({ ...checkout.payment, status })
    checkout.session = this.#tell(checkout.session)
  }

  /** It is asked about a payment, or tells the same again: its clock has gone on. */
  look(nth: number): void {
    const checkout = this.checkouts[nth % this.checkouts.length]
    if (!checkout?.payment) return
    checkout.payment = this.#tell(checkout.payment)
    checkout.session = this.#tell(checkout.session)
  }

  expire(nth: number): void {
    const checkout = this.checkouts[nth % this.checkouts.length]
    if (checkout?.session.status === 'open') checkout.session = this.#tell({ ...checkout.session, status: 'expired' })
  }

  get paid(): PaymentSnapshot[] {
    return this.checkouts.flatMap(({ payment }) => (payment?.status === 'paid' ? [payment] : []))
  }

  standing(payment: string): number {
    return this.refunds
      .filter((refund) => refund.paymentIntentId === payment && refund.status !== 'failed' && refund.status !== 'canceled')
      .reduce((sum, refund) => sum + refund.amount, 0)
  }

  /** As Stripe does, never more than is left. */
  refund(payment: PaymentSnapshot | undefined, amount: number, requestId: string | null = null): void {
    if (!payment || this.standing(payment.id) + amount > payment.amount) return
    const id = `re_${this.#name}_${this.refunds.length}`
    const createdAt = this.#clock.now
    this.refunds.push(
      this.#tell({
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

  moveRefund(nth: number, status: RefundSnapshot['status']): void {
    const at = nth % Math.max(1, this.refunds.length)
    const refund = this.refunds[at]
    const possible = { pending: true, requires_action: true, succeeded: status === 'failed', canceled: false, failed: false }
    if (refund && possible[refund.status] && status !== 'pending') this.refunds[at] = this.#tell({ ...refund, status })
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
    this.disputes.push(this.#tell({ ...dispute, status: 'needs_response', refundable: false, withdrawn: true }))
  }

  moveDispute(status: DisputeSnapshot['status'], withdrawn: boolean): void {
    const dispute = this.disputes[0]
    if (dispute) this.disputes[0] = this.#tell({ ...dispute, status, withdrawn })
  }
}
