import { formatMoney, nextDeadline } from '@pay-to-view/purchase'
import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  setCurrentDetails,
  setHandler,
  Trigger,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow'
import {
  type Closing,
  closeCheckout,
  type RefundOutcome,
  type RefundWish,
  refund,
  type StripeFact,
  searchAttributes,
  state,
  stripeFact,
  type View,
} from '../contract.ts'
import { applyFacts, askStripe, carryOutRefund, closeCheckoutAtStripe, loadPurchase, refundPurchase } from './steps.ts'

/** Milliseconds until Stripe is asked again when one second of its clock held two tellings of a dispute. */
const secondLook = 2_000

/**
 * The life of one purchase, from its checkout to the end of the time in which its money can still move. The only writer of its purchase
 * after creation. The handlers only take messages in; the loop alone acts, one thing after the other.
 */
export async function purchase(id: string): Promise<void> {
  const facts: StripeFact[] = []
  const closings: Trigger<Closing>[] = []
  const refunds: { wish: RefundWish; outcome: Trigger<RefundOutcome> }[] = []
  let view: View | null = null
  let lastAsked: number | null = null

  setHandler(stripeFact, (fact) => void facts.push(fact))
  setHandler(closeCheckout, async () => {
    const closing = new Trigger<Closing>()
    closings.push(closing)
    return await closing
  })
  setHandler(refund, async (wish) => {
    const outcome = new Trigger<RefundOutcome>()
    refunds.push({ wish, outcome })
    return await outcome
  })
  setHandler(state, () => view)

  const hasWork = () => facts.length + closings.length + refunds.length > 0

  /** Takes over what a step found, and shows it to the operator. */
  const see = (now: View): View => {
    if (now.status !== view?.status) upsertSearchAttributes([{ key: searchAttributes.status, value: now.status }])
    setCurrentDetails(describe(now))
    view = now
    return now
  }

  /** One thing that has to be done now, or the wait for the next. Returns true when there is nothing left to wait for. */
  const step = async (): Promise<boolean> => {
    if (facts.length > 0) {
      await applyAll(facts.splice(0))
      return false
    }
    const known = view ?? see(await loadPurchase(id))
    const refundRequest = refunds.shift()
    if (refundRequest) {
      const { outcome, view: refunded } = await refundPurchase({ id, wish: refundRequest.wish })
      see(refunded)
      refundRequest.outcome.resolve(outcome)
      return false
    }
    const closing = closings.shift()
    if (closing) {
      const { status, hasAccess, processing, mismatch } = known.status === 'Pending' ? see(await close('viewer')) : known
      closing.resolve({ status, hasAccess, processing, mismatch: mismatch !== null })
      return false
    }
    const due = known.refundsDue[0]
    if (due !== undefined) {
      see(await carryOutRefund({ id, requestId: due }))
      return false
    }
    if (known.contested) {
      if (await condition(hasWork, secondLook, { summary: 'ask Stripe about the dispute again' })) return false
      see(await askStripe({ id, snapshots: [], cause: { kind: 'deadline' }, payment: known.payment }))
      return false
    }
    if (known.final) return true
    return await waitOrAsk(known)
  }

  const applyAll = async (batch: StripeFact[]): Promise<void> => {
    const application = {
      id,
      snapshots: batch.flatMap((fact) => fact.snapshots),
      cause: { kind: 'event' as const, eventIds: batch.map((fact) => fact.eventId) },
      eventIds: batch.map((fact) => fact.eventId),
    }
    const payments = new Set(batch.map((fact) => fact.ask?.payment).filter((payment) => payment !== undefined))
    if (payments.size === 0) see(await applyFacts(application))
    for (const payment of payments) see(await askStripe({ ...application, payment }))
  }

  const close = (kind: 'viewer' | 'deadline' | 'canceled'): Promise<View> => closeCheckoutAtStripe({ id, cause: { kind } })

  const waitOrAsk = async (known: View): Promise<boolean> => {
    const deadline = nextDeadline(known, { checkoutDeadline: known.checkoutDeadline, lastAsked })
    if (!deadline) return true
    const left = deadline.at - Date.now()
    if (left > 0) {
      const summary = { checkout: 'the checkout ends', payment: 'ask Stripe about the payment', watch: 'disputes are over' }[
        deadline.kind
      ]
      await condition(() => hasWork() || workflowInfo().continueAsNewSuggested, left, { summary })
      return false
    }
    if (deadline.kind === 'watch') return true
    lastAsked = Date.now()
    see(
      deadline.kind === 'checkout'
        ? await close('deadline')
        : await askStripe({ id, snapshots: [], cause: { kind: 'deadline' }, payment: null }),
    )
    return false
  }

  try {
    for (;;) {
      const ended = await step()
      const settled = !hasWork() && allHandlersFinished()
      if (ended && settled) return
      if (!settled) await condition(() => hasWork() || allHandlersFinished())
      else if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof purchase>(id)
    }
  } catch (error) {
    if (!isCancellation(error)) throw error
    // An operator canceled the workflow: nobody may pay into a checkout that nobody watches.
    await CancellationScope.nonCancellable(async () => {
      if ((view ?? (await loadPurchase(id))).status === 'Pending') see(await close('canceled'))
    })
    throw error
  }
}

/** Markdown for the details in the Temporal UI. */
const describe = (view: View): string => {
  const money = `${formatMoney(view.amountPaid, view.currency)} paid, ${formatMoney(view.amountRefunded, view.currency)} refunded`
  const until = view.expiresAt === null ? 'without an end' : `until ${new Date(view.expiresAt * 1000).toISOString()}`
  const lines = [
    `**${view.status}** – ${view.title}`,
    view.status === 'Pending' &&
      !view.processing &&
      `Waiting for payment until ${new Date(view.checkoutDeadline).toISOString()}.`,
    view.processing && 'The payment is under way (a delayed payment method). Stripe is asked once a day.',
    view.mismatch && `**The payment is not what was quoted (${view.mismatch}). No access was given: refund it.**`,
    view.payment && `Payment \`${view.payment}\`: ${money}.`,
    view.hasAccess ? `Access ${until}.` : 'No access.',
    view.refundsDue.length > 0 && `Refunds under way: ${view.refundsDue.length}.`,
  ]
  return lines.filter((line) => typeof line === 'string').join('\n\n')
}
