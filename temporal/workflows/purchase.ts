import { formatMoney, nextDeadline } from '@pay-to-view/purchase'
import {
  type AcceptPaymentInput,
  type AcceptPaymentResult,
  acceptPayment,
  type CloseCheckoutResult,
  closeCheckout,
  refund,
  type StripeEventMessage,
  searchAttributes,
  state,
  stripeEvent,
  stripeUnavailableErrorType,
} from '@pay-to-view/workflow-client/messages'
import type { ApplyFactsInput, PurchaseView, RefundOutcome, RefundRequest } from '@pay-to-view/workflow-client/types'
import {
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  patched,
  setCurrentDetails,
  setHandler,
  Trigger,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow'
import {
  applyFacts,
  executeRefund,
  expireCheckout,
  failureType,
  loadPurchase,
  mayPass,
  recordRefundRequest,
  refreshFromStripe,
} from './activity-proxies.ts'
import { checkAcceptance, checkRefund, isFact } from './message-validation.ts'

/** Milliseconds until Stripe is asked again when one second of its clock held two tellings of a dispute. */
const secondLook = 2_000

/** Milliseconds until Stripe is asked again after the nth time in a row that it did not answer. */
const patienceWithStripe = (failures: number): number => Math.min(300_000, 1_000 * 2 ** failures)

/**
 * The life of one purchase, from its checkout to the end of the time in which its money can still move. The only writer of its purchase
 * after creation. The handlers only take messages in; the loop alone acts, one thing after the other.
 */
export async function purchase(id: string, carried: Carried = { asks: [], contested: false }): Promise<void> {
  const facts: StripeEventMessage[] = []
  const closings: Trigger<CloseCheckoutResult>[] = []
  const refunds: { wish: RefundRequest; outcome: Trigger<RefundOutcome> }[] = []
  const acceptances: { acceptance: AcceptPaymentInput; outcome: Trigger<AcceptPaymentResult> }[] = []
  /** Payments that Stripe has to be asked about, with the events that said so. */
  const asks = new Map<string, string[]>(carried.asks)
  /** Who waits for a refund that is written down. */
  const waiting = new Map<string, Trigger<RefundOutcome>[]>()
  const stripe = { failures: 0, askAgainAt: 0 }
  let view: PurchaseView | null = null
  let lastAsked: number | null = null
  /** One second of Stripe's clock held two tellings of a dispute: until Stripe is asked again nobody knows which was the last. */
  let contested = carried.contested

  setHandler(stripeEvent, (fact) => void (isFact(fact) && facts.push(fact)), { description: 'What an event of Stripe says' })
  const closeIt = async (): Promise<CloseCheckoutResult> => {
    const closing = new Trigger<CloseCheckoutResult>()
    closings.push(closing)
    return await closing
  }
  setHandler(closeCheckout, closeIt, { description: 'Closes the checkout at Stripe. Without an argument' })
  const refundIt = async ({ requestId, amount = null, reason = null, by }: RefundRequest): Promise<RefundOutcome> => {
    const outcome = new Trigger<RefundOutcome>()
    refunds.push({ wish: { requestId, amount, reason, by }, outcome })
    return await outcome
  }
  setHandler(refund, refundIt, {
    validator: checkRefund,
    description: 'Gives money back: { "requestId": "ticket-4711", "amount": null, "reason": null, "by": "your name" }',
  })
  const takeIt = async ({ by, reason = null }: AcceptPaymentInput): Promise<AcceptPaymentResult> => {
    const outcome = new Trigger<AcceptPaymentResult>()
    acceptances.push({ acceptance: { by, reason }, outcome })
    return await outcome
  }
  setHandler(acceptPayment, takeIt, {
    validator: checkAcceptance,
    description: 'Gives access for a payment that is not what was quoted: { "by": "your name", "reason": null }',
  })
  setHandler(state, () => view, { description: 'The purchase as its workflow knows it' })

  /** What can be done without Stripe. */
  const hasNews = () => facts.length + refunds.length + acceptances.length > 0
  const hasWork = () => hasNews() || closings.length + asks.size > 0

  /** Takes over what a step found, and shows it to the operator. */
  const see = (now: PurchaseView): PurchaseView => {
    if (now.status !== view?.status) upsertSearchAttributes([{ key: searchAttributes.status, value: now.status }])
    setCurrentDetails(describe(now))
    contested ||= now.isAmbiguous
    view = now
    return now
  }

  /** A step that needs Stripe. When it fails, the purchase goes on listening and tries again later: it never guesses. */
  const reach = async <T>(step: () => Promise<T>): Promise<T | null> => {
    try {
      const found = await step()
      stripe.failures = 0
      return found
    } catch (error) {
      if (!mayPass(error)) throw error
      stripe.askAgainAt = Date.now() + patienceWithStripe(stripe.failures++)
      if (view) setCurrentDetails(`${describe(view)}\n\nStripe could not be asked (${failureType(error)}). It is tried again.`)
      return null
    }
  }

  const hear = async (batch: StripeEventMessage[]): Promise<void> => {
    for (const { refresh, ...fact } of batch) {
      if (refresh) asks.set(refresh.paymentIntentId, [...(asks.get(refresh.paymentIntentId) ?? []), ...eventIdsOf([fact])])
    }
    const snapshots = batch.flatMap((fact) => fact.snapshots)
    // An event that is a hint counts as applied when Stripe has been asked.
    const eventIds = eventIdsOf(batch.filter((fact) => !fact.refresh))
    if (snapshots.length > 0 || eventIds.length > 0)
      see(await applyFacts({ id, snapshots, cause: causeOf(eventIdsOf(batch)), eventIds }))
  }

  const close = (kind: 'user_restarted' | 'deadline' | 'workflow_canceled'): Promise<PurchaseView> =>
    expireCheckout({ id, cause: { kind } })

  const answerClosing = async (known: PurchaseView): Promise<void> => {
    const closed = known.status === 'Pending' ? await reach(() => close('user_restarted')) : known
    if (!closed) return
    const { status, hasAccess, processing, mismatch } = see(closed)
    for (const closing of closings.splice(0)) closing.resolve({ status, hasAccess, processing, mismatch: mismatch !== null })
  }

  const carryOut = async (requestId: string): Promise<void> => {
    const done = await reach(() => executeRefund({ id, requestId }))
    if (!done) return
    see(done.view)
    for (const outcome of waiting.get(requestId) ?? []) outcome.resolve(done.outcome)
    waiting.delete(requestId)
  }

  /** A refund whose answer is written down and was lost on its way here: who waits for it is still to be told. */
  const unheard = (): string | undefined =>
    waiting.size > 0 && patched('tells-who-waits') ? waiting.keys().next().value : undefined

  const takeRefund = async ({ wish, outcome }: (typeof refunds)[number]): Promise<void> => {
    const order = await recordRefundRequest({ id, wish })
    see(order.view)
    if (order.outcome) outcome.resolve(order.outcome)
    else waiting.set(wish.requestId, [...(waiting.get(wish.requestId) ?? []), outcome])
  }

  const accept = async ({ acceptance, outcome }: (typeof acceptances)[number], known: PurchaseView): Promise<void> => {
    if (known.mismatch === null || known.paymentIntentId === null) return outcome.resolve({ rejected: 'nothing_to_accept' })
    const { by, reason } = acceptance
    const snapshots = [{ kind: 'acceptance' as const, id: known.paymentIntentId, by, observedAt: Math.floor(Date.now() / 1000) }]
    const { status, hasAccess } = see(await applyFacts({ id, snapshots, cause: { kind: 'payment_accepted', by, reason } }))
    outcome.resolve({ status, hasAccess })
  }

  /** One thing that has to be done now, or the wait for the next. Returns true when there is nothing left to wait for. */
  const step = async (): Promise<boolean> => {
    if (facts.length > 0) {
      await hear(facts.splice(0))
      return false
    }
    const known = view ?? see(await loadPurchase(id))
    const wish = refunds.shift()
    if (wish) {
      await takeRefund(wish)
      return false
    }
    const acceptance = acceptances.shift()
    if (acceptance) {
      await accept(acceptance, known)
      return false
    }
    const due = known.pendingRefundRequestIds[0] ?? unheard()
    const ask = asks.entries().next().value
    if ((closings.length > 0 || ask || due !== undefined) && stripe.askAgainAt > Date.now()) {
      await condition(hasNews, stripe.askAgainAt - Date.now(), { summary: 'Until it is tried again: Stripe could not be asked' })
    } else if (closings.length > 0) await answerClosing(known)
    else if (ask) await askAbout(...ask)
    else if (due !== undefined) await carryOut(due)
    else if (contested) await lookAgain()
    else return known.isFinal || waitOrAsk(known)
    return false
  }

  const askAbout = async (payment: string, eventIds: string[]): Promise<void> => {
    const answer = await reach(() => refreshFromStripe({ id, snapshots: [], cause: causeOf(eventIds), eventIds, payment }))
    if (!answer) return
    asks.delete(payment)
    see(answer)
  }

  const lookAgain = async (): Promise<void> => {
    const wait = Math.max(secondLook, stripe.askAgainAt - Date.now())
    if (await condition(hasWork, wait, { summary: 'Until Stripe is asked about the dispute again' })) return
    // About every payment: the dispute may be about one that does not count.
    const answer = await reach(() => refreshFromStripe({ id, snapshots: [], cause: { kind: 'deadline' }, payment: null }))
    if (!answer) return
    contested = false
    see(answer)
  }

  const waitOrAsk = async (known: PurchaseView): Promise<boolean> => {
    const deadline = nextDeadline(known, { checkoutDeadline: known.checkoutDeadline, lastAsked })
    if (!deadline) return true
    const left = Math.max(deadline.at, deadline.kind === 'watch' ? 0 : stripe.askAgainAt) - Date.now()
    if (left > 0) {
      const summary = {
        checkout: 'Until the checkout ends',
        payment: 'Until Stripe is asked about the payment again',
        watch: 'Until no dispute can come any more',
      }[deadline.kind]
      await condition(() => hasWork() || workflowInfo().continueAsNewSuggested, left, { summary })
      return false
    }
    if (deadline.kind === 'watch') return true
    const told = await reach(() =>
      deadline.kind === 'checkout'
        ? close('deadline')
        : refreshFromStripe({ id, snapshots: [], cause: { kind: 'deadline' }, payment: null }),
    )
    if (!told) return false
    lastAsked = Date.now()
    see(told)
    return false
  }

  /** Who still waits for Stripe is told to ask again: what is written down goes on in the next run. */
  const sendAway = async (): Promise<void> => {
    const away = ApplicationFailure.create({
      message: 'Stripe could not be asked. Ask again: nothing is lost or done twice',
      type: stripeUnavailableErrorType,
    })
    const [closers, refunders] = [closings.splice(0), [...waiting.values()].flat()]
    waiting.clear()
    for (const one of [...closers, ...refunders]) one.reject(away)
    await condition(() => allHandlersFinished() || hasNews() || closings.length > 0)
  }

  try {
    for (;;) {
      const ended = await step()
      const settled = !hasWork() && allHandlersFinished()
      if (ended && settled) return
      const away = stripe.askAgainAt > Date.now()
      if (workflowInfo().continueAsNewSuggested && (settled || (away && !hasNews() && patched('goes-on-with-work')))) {
        if (!settled) await sendAway()
        if (!hasNews() && allHandlersFinished()) await continueAsNew<typeof purchase>(id, { asks: [...asks], contested })
      }
      // The answers that were just given have to leave before the run may end.
      if (ended && !hasWork()) await condition(() => hasWork() || allHandlersFinished())
    }
  } catch (error) {
    if (!isCancellation(error)) throw error
    // An operator canceled the workflow: nobody may pay into a checkout that nobody watches.
    await CancellationScope.nonCancellable(async () => {
      if ((view ?? (await loadPurchase(id))).status === 'Pending') see(await close('workflow_canceled'))
    })
    throw error
  }
}

/** What a run hands on to the next beside what the database holds. */
interface Carried {
  asks: [payment: string, eventIds: string[]][]
  contested: boolean
}

const eventIdsOf = (facts: Pick<StripeEventMessage, 'eventId'>[]): string[] =>
  facts.flatMap(({ eventId }) => (eventId === null ? [] : [eventId]))

const causeOf = (eventIds: string[]): ApplyFactsInput['cause'] =>
  eventIds.length > 0 ? { kind: 'event', eventIds } : { kind: 'reconcile' }

/** What an operator makes of a status, where the money does not say it already. */
const meanings: Partial<Record<PurchaseView['status'], string>> = {
  Expired: 'The checkout ended unpaid.',
  Failed: 'The payment failed. Nothing was charged.',
  Refunded: 'All that was paid is given back.',
  Disputed: "The buyer's bank disputes the payment: answer it in Stripe's dashboard, before its deadline.",
  ChargedBack: 'The dispute was lost: the bank has taken the money back.',
}

/** Markdown for the details in the Temporal UI. */
const describe = (view: PurchaseView): string => {
  const money = `${formatMoney(view.amountPaid, view.currency)} paid, ${formatMoney(view.amountRefunded, view.currency)} refunded`
  const until = view.expiresAt === null ? 'without an end' : `until ${new Date(view.expiresAt * 1000).toISOString()}`
  const lines = [
    `**${view.status}** – ${view.title}`,
    meanings[view.status],
    view.status === 'Completed' && view.amountRefunded > 0 && 'Refunded in part.',
    view.status === 'Pending' &&
      !view.processing &&
      `Waiting for payment until ${new Date(view.checkoutDeadline).toISOString()}.`,
    view.processing && 'The payment is under way (a delayed payment method). Stripe is asked once a day.',
    view.mismatch && `**The payment is not what was quoted (${view.mismatch}). No access was given: accept it, or refund it.**`,
    view.paymentIntentId && `Payment \`${view.paymentIntentId}\`: ${money}.`,
    view.hasAccess ? `Access ${until}.` : 'No access.',
    view.pendingRefundRequestIds.length > 0 && `Refunds under way: ${view.pendingRefundRequestIds.length}.`,
  ]
  return lines.filter((line) => typeof line === 'string').join('\n\n')
}
