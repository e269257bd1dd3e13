import { type PayToViewClient, problemOf } from '@pay-to-view/client'
import { seedIds } from '@pay-to-view/devstack'
import { eventOf, userEvent } from './access-catalog.ts'
import { type AccessStep, ComplimentaryAccess, cancelEvent, play } from './access-steps.ts'
import type { StackDriver } from './driver.ts'
import { offers, paymentMethods, type ScenarioStep } from './steps.ts'

/** Longer than the 5 minutes for which a purchase's checkout is reused. */
const backdateMinutes = 6

const sessionIdOf = ({ clientSecret }: { clientSecret: string }): string => clientSecret.split('_secret_')[0] ?? ''

/** One user and everything that happens to their purchases. */
export class PurchaseScenario {
  /** Responses that must never occur. */
  readonly violations: string[] = []
  paymentCount = 0
  readonly complimentary = new ComplimentaryAccess()
  readonly user: string
  readonly steps: readonly ScenarioStep[]
  readonly #driver: StackDriver
  readonly #sessionIds: string[] = []
  readonly #purchaseIds: string[] = []
  #entityId: string = seedIds.film

  constructor(driver: StackDriver, user: string, steps: readonly ScenarioStep[]) {
    this.#driver = driver
    this.user = user
    this.steps = steps
  }

  newestPurchase(): { id: string; sessionId: string } | null {
    const [id, sessionId] = [this.#purchaseIds.at(-1), this.#sessionIds.at(-1)]
    return id === undefined || sessionId === undefined ? null : { id, sessionId }
  }

  async run(): Promise<void> {
    const client = await this.#driver.clientFor(this.user)
    for (const step of this.steps) {
      try {
        await this.#perform(client, step)
      } catch (error) {
        const problem = problemOf(error)
        // Rejections and unavailable services are expected, but internal errors are not.
        if (problem?.code === 'internal') this.#report(`${JSON.stringify(step)} failed with ${JSON.stringify(problem)}`)
      }
    }
  }

  async #perform(client: PayToViewClient, step: ScenarioStep): Promise<unknown> {
    const { emulator } = this.#driver
    switch (step.action) {
      case 'create':
        return this.#create(client, step)
      case 'pay': {
        const sessionId = step.session === 'newest' ? this.#sessionIds.at(-1) : this.#sessionIds[0]
        return sessionId && this.#pay(sessionId, paymentMethods[step.method])
      }
      case 'settleBankDebit':
        return emulator(`payment_intents/${await this.#newestPayment()}/settle`, { outcome: step.outcome })
      case 'payManualSession':
        return this.#payManualSession(step.amount)
      case 'adminRefund':
        return this.#adminRefund(step.amount, step.requestId)
      case 'simultaneousRefunds':
        return Promise.allSettled([this.#adminRefund(step.amount, null), this.#dashboardRefund(step.amount)])
      case 'dashboardRefund':
        return this.#dashboardRefund(step.amount)
      case 'advanceRefund':
        return this.#advanceRefund(step.change)
      case 'openDispute':
        return this.#openDispute(step.status)
      case 'advanceDispute':
        return this.#advanceDispute(step.change)
      case 'expireSession':
        return emulator(`checkout/sessions/${this.#sessionIds.at(-1)}/expire`)
      case 'backdate': {
        const purchaseId = this.#purchaseIds.at(-1)
        return purchaseId && this.#driver.backdatePurchase(purchaseId, backdateMinutes)
      }
      case 'reachDeadline': {
        const [sessionId, purchaseId] = [this.#sessionIds.at(-1), this.#purchaseIds.at(-1)]
        if (!sessionId || !purchaseId) return
        return Promise.all([this.#driver.reachCheckoutDeadline(purchaseId), step.whilePaying && this.#pay(sessionId)])
      }
      default:
        return this.#performAccessStep(client, step)
    }
  }

  async #performAccessStep(client: PayToViewClient, { action }: AccessStep): Promise<void> {
    const target = { driver: this.#driver, user: this.user, entityId: this.#entityId }
    switch (action) {
      case 'play':
        return this.#report(await play(target, client))
      case 'giveAccess':
        return this.#report(await this.complimentary.give(target))
      case 'revokeAccess':
        return this.complimentary.revoke(target)
      case 'cancelEvent':
        return cancelEvent({ ...target, entityId: eventOf(this.user) })
      default:
        return action satisfies never
    }
  }

  #report(violation: string | null): void {
    if (violation !== null) this.violations.push(`${this.user}: ${violation}`)
  }

  async #create(client: PayToViewClient, { offer, devices }: Extract<ScenarioStep, { action: 'create' }>): Promise<void> {
    const { product: payToViewProductId, ...chosen } = offers[offer] ?? offers[0]
    const entityId = chosen.entityId === userEvent ? eventOf(this.user) : chosen.entityId
    const terms = { ...chosen, entityId }
    this.#entityId = entityId
    const input = { payToViewProductId, ...terms, returnUrl: 'https://yoursite.com/' }
    const results = await Promise.all(
      Array.from({ length: devices }, () => this.#driver.retryWhileUnavailable(() => client.purchases.create.mutate(input))),
    )
    const created = results.filter((result) => result.success)
    const [first] = created
    if (!first) return
    const sessionIds = new Set(created.map(sessionIdOf))
    if (sessionIds.size > 1 && (await this.#countOpen([...sessionIds])) > 1) {
      this.#report(`two devices have two open checkouts: ${[...sessionIds]}`)
    }
    this.#sessionIds.push(sessionIdOf(first))
    this.#purchaseIds.push(first.purchaseId)
  }

  /**
   * The two responses may contain different sessions if the checkout's deadline passed between them, because the first session is
   * closed at the deadline.
   */
  async #countOpen(sessionIds: string[]): Promise<number> {
    const sessions = await Promise.all(sessionIds.map((id) => this.#driver.stripe.checkout.sessions.retrieve(id)))
    return sessions.filter(({ status }) => status === 'open').length
  }

  async #pay(sessionId: string, method: object = paymentMethods.good): Promise<void> {
    if ((await this.#driver.emulator(`checkout/sessions/${sessionId}/pay`, method)) === 200) this.paymentCount++
  }

  async #payManualSession(amount: 'quoted' | 'other'): Promise<void> {
    const sessionId = this.#sessionIds.at(-1)
    if (!sessionId) return
    const { sessions } = this.#driver.stripe.checkout
    const { metadata, amount_subtotal, currency, customer } = await sessions.retrieve(sessionId)
    const unit_amount = amount === 'quoted' ? (amount_subtotal ?? 0) : 70
    const { id } = await sessions.create({
      mode: 'payment',
      ui_mode: 'embedded_page',
      redirect_on_completion: 'never',
      line_items: [
        { quantity: 1, price_data: { currency: currency ?? 'usd', unit_amount, product_data: { name: 'Manual checkout' } } },
      ],
      metadata: metadata ?? undefined,
      customer: typeof customer === 'string' ? customer : undefined,
    })
    await this.#pay(id)
  }

  async #adminRefund(amount: number | null, requestId: string | null): Promise<void> {
    const id = this.#purchaseIds.at(-1)
    if (!id) return
    const client = await this.#driver.clientFor('root', { admin: true })
    const input = { id, amount: amount ?? undefined, requestId: requestId ?? undefined }
    await this.#driver.retryWhileUnavailable(() => client.admin.purchases.refund.mutate(input))
  }

  async #dashboardRefund(amount: number | null): Promise<void> {
    const payment = await this.#newestPayment()
    if (payment) await this.#driver.stripe.refunds.create({ payment_intent: payment, amount: amount ?? undefined })
  }

  async #advanceRefund(change: string): Promise<unknown> {
    const payment = await this.#newestPayment()
    if (!payment) return
    const [refund] = (await this.#driver.stripe.refunds.list({ payment_intent: payment, limit: 1 })).data
    return refund && this.#driver.emulator(`refunds/${refund.id}/${change}`)
  }

  async #openDispute(status: string): Promise<unknown> {
    const payment = await this.#newestPayment()
    if (!payment) return
    const [charge] = (await this.#driver.stripe.charges.list({ payment_intent: payment, limit: 1 })).data
    return charge && this.#driver.emulator(`charges/${charge.id}/dispute`, { status })
  }

  async #advanceDispute(change: string): Promise<unknown> {
    const payment = await this.#newestPayment()
    if (!payment) return
    const [dispute] = (await this.#driver.stripe.disputes.list({ payment_intent: payment, limit: 1 })).data
    return dispute && this.#driver.emulator(`disputes/${dispute.id}/${change}`)
  }

  /** Returns the payment intent of the newest session that has a payment intent. */
  async #newestPayment(): Promise<string | undefined> {
    for (const sessionId of this.#sessionIds.toReversed()) {
      const { payment_intent } = await this.#driver.stripe.checkout.sessions.retrieve(sessionId)
      if (typeof payment_intent === 'string') return payment_intent
    }
    return undefined
  }
}
