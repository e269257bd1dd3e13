import { needsResponse } from '@pay-to-view/purchase'
import { formatMoney } from '../format.ts'

interface AlertText {
  title: string
  /** The operator's next step. */
  advice: string
}

/** The title and advice for each kind of alert. docs/operations.md explains the kinds. */
const texts: Partial<Record<string, AlertText>> = {
  disputed: {
    title: 'Payment disputed',
    advice: 'Submit the evidence on the purchase page. The alert closes automatically with the dispute.',
  },
  inquiry: {
    title: 'Bank inquiry',
    advice: 'Submit the evidence on the purchase page, or refund the payment; otherwise the inquiry may become a dispute.',
  },
  dispute_due: {
    title: 'Dispute deadline',
    advice: 'Nothing has been submitted yet. Submit the evidence on the purchase page.',
  },
  charged_back: {
    title: 'Dispute lost',
    advice: "The payment is lost, and the access has ended. You can appeal in Stripe's dashboard.",
  },
  mismatch: { title: "Payment doesn't match its quote", advice: 'Accept the payment or refund it on the purchase page.' },
  paid_too_late: { title: 'Paid after the access expired', advice: 'Refund the payment.' },
  duplicate_refunded: { title: 'Duplicate payment refunded', advice: 'Nothing to do.' },
  refund_refused: {
    title: 'Refund rejected: duplicate, withdrawal or canceled event',
    advice: "Refund the payment in Stripe's dashboard, or respond to its dispute.",
  },
  refund_failed: { title: 'Refund failed', advice: 'Refund again, or pay the user another way.' },
  restored: { title: 'Purchase restored', advice: 'Nothing to do: the failed refund has its own alert.' },
  restored_but_covered: { title: 'Paid twice', advice: 'Several purchases give the same access. Offer to refund one of them.' },
  checkout_refused: {
    title: 'Stripe rejected a checkout',
    advice:
      "The message contains Stripe's reason. Change the price or, if the tax origin is missing, enter the head office address in Stripe.",
  },
  checkout_missing: { title: 'Checkout unknown to Stripe', advice: 'Check that the Stripe key belongs to the right account.' },
  completed_without_payment: { title: 'Checkout completed without a payment', advice: 'Contact the user, who has no access.' },
  orphan_event: {
    title: 'Events without a purchase',
    advice: 'Check whether the database was restored from a backup, or whether another site uses this Stripe account.',
  },
  unreadable_snapshot: { title: 'Unreadable data', advice: 'Nothing to do if a newer worker is being deployed.' },
  facts_set_aside: {
    title: 'Events that cannot be applied',
    advice: "Compare the purchase with Stripe. The alert's details list the events.",
  },
  purchase_missing: {
    title: 'Workflow without a purchase',
    advice: 'Check whether the database was restored from a backup, or whether the workflow was started manually.',
  },
  purchase_unreadable: {
    title: 'Unreadable purchase',
    advice: 'Nothing to do if a newer worker is being deployed; otherwise the row was changed manually.',
  },
  activity_failed: { title: 'Activity failed', advice: 'Fix the cause given in the details, then reconcile the purchase.' },
  malformed_message: {
    title: 'Message skipped',
    advice: 'If the message was sent manually, fix its format or encoding and send it again.',
  },
  workflow_blocked: {
    title: 'Workflow blocked',
    advice: 'Look for the failing task in the Temporal UI. The alert closes automatically.',
  },
  reconciler_failing: {
    title: 'Reconciler failing',
    advice: 'The details name the step that fails. The alert closes automatically when the step succeeds again.',
  },
  stripe_key_rejected: {
    title: 'Stripe rejects our key',
    advice: "Correct the key, or its permissions in Stripe's dashboard. The alert closes automatically.",
  },
  webhook_endpoint_disabled: {
    title: 'Webhook endpoint disabled',
    advice: 'Fix the receiver, then enable the endpoint. It then gets the messages that were waiting.',
  },
  email_failing: {
    title: "E-mails can't be sent",
    advice: 'Check the mail server and its login (SMTP_URL). Sending is retried, and the alert closes automatically.',
  },
  cancel_incomplete: {
    title: 'Cancellation with failures',
    advice: "The title's page lists the failures. Refund these purchases on their own pages.",
  },
  extend_incomplete: { title: 'Extension with failures', advice: 'Extend the access of these users on their own pages.' },
  move_incomplete: {
    title: 'Some messages about a moved date are missing',
    advice: 'Notify the receivers of your webhooks, or move the date again.',
  },
  unreadable_event: { title: 'Unreadable event', advice: "Check the event in Stripe's dashboard, then run the doctor." },
}

/** Whether the alert's dispute no longer needs a response, according to the alert's details. */
const hasResponse = (detail: unknown): boolean =>
  typeof detail === 'object' &&
  detail !== null &&
  'status' in detail &&
  typeof detail.status === 'string' &&
  !needsResponse(detail.status)

/** Whether the alert is about a dispute whose evidence has been submitted. The operator can do nothing more until the bank decides. */
export const awaitsDecision = ({ kind, detail }: { kind: string; detail?: unknown }): boolean =>
  kind === 'disputed' && hasResponse(detail)

/** The advice for disputes whose evidence has been submitted. */
export const decisionAdvice =
  'The evidence was submitted, and the bank will decide. The alert closes automatically with the dispute.'

export const alertText = (kind: string): AlertText => {
  const words = kind.replaceAll('_', ' ')
  return texts[kind] ?? { title: words.charAt(0).toUpperCase() + words.slice(1), advice: '' }
}

/** Maps the key of each amount in minor units to the key of the amount's currency. */
const amountKeys: Partial<Record<string, string>> = { amount: 'currency', quoted: 'quotedCurrency' }

const wordsOf = (key: string): string => key.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)

/** Formats an alert's details as `amount $1.00 · quoted $4.99`. `currency` applies to amounts whose currency is not in the details. */
export const formatDetail = (detail: unknown, currency: string | null): string => {
  if (typeof detail !== 'object' || detail === null) return ''
  const entries = new Map<string, unknown>(Object.entries(detail))
  return [...entries]
    .filter(([key]) => !Object.values(amountKeys).includes(key))
    .map(([key, value]) => {
      const ownCurrency = entries.get(amountKeys[key] ?? '')
      const amountCurrency = typeof ownCurrency === 'string' ? ownCurrency : currency
      const text =
        amountKeys[key] && typeof value === 'number' && amountCurrency !== null
          ? formatMoney(value, amountCurrency)
          : typeof value === 'string'
            ? value
            : JSON.stringify(value)
      return `${wordsOf(key)} ${text}`
    })
    .join(' · ')
}
