import { problemOf } from '@pay-to-view/client'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type ReactNode, type RefObject, useRef } from 'react'
import { Link } from 'wouter'
import { ErrorNotice, ErrorText, Loading, Notice, SignedOutNotice } from '../components/notice.tsx'
import { Page } from '../components/page.tsx'
import { useShop, useUser } from '../context.tsx'
import { formatDateTime, formatMoney, formatZonedTime } from '../format.ts'
import { purchasePath } from '../paths.ts'
import { type PurchaseDetails, usePurchaseDetails } from '../purchase/use-purchase-details.ts'

type Refund = { amount: number; currency: string } | null

const reasons = {
  not_offered: 'This shop does not offer withdrawals.',
  withdrawn: 'You have already withdrawn from it.',
  not_paid: 'Nothing was paid for it.',
  already_refunded: 'It has already been refunded.',
  disputed: 'The payment is disputed with your bank, so only the bank can decide about a refund.',
  played: 'You have started watching. When you bought it, you agreed that your right of withdrawal ends when you start watching.',
  too_late: 'The withdrawal period is over.',
} as const

/** The second step of a withdrawal: explains the consequences, asks for confirmation, and then confirms receipt with the date of the withdrawal. */
export const Withdraw = ({ id }: { id: string }) => {
  const user = useUser()
  const details = usePurchaseDetails(id)
  /** Set when the buyer confirms, because the result then replaces the button that had the focus. */
  const hadFocus = useRef(false)
  const content = (): ReactNode => {
    if (user === null) return <SignedOutNotice />
    if (!details.data)
      return details.isError ? <ErrorNotice error={details.error} retry={() => void details.refetch()} /> : <Loading />
    const { purchase, title } = details.data
    if (purchase.withdrawnAt !== null) return <Acknowledgment {...{ purchase, title, hadFocus }} at={purchase.withdrawnAt} />
    return <Request {...{ purchase, title, hadFocus }} onConfirmed={() => void details.refetch()} />
  }
  return (
    <Page title="Withdraw from contract">
      {content()}
      <p className="actions no-print">
        {details.data && <Link href={purchasePath(id)}>Receipt</Link>}
        <Link href="/purchases">My purchases</Link>
      </p>
    </Page>
  )
}

interface RequestProps {
  purchase: PurchaseDetails
  title: string
  hadFocus: RefObject<boolean>
  onConfirmed: () => void
}

const Request = ({ purchase: { purchaseId: id }, title, hadFocus, onConfirmed }: RequestProps) => {
  const { client } = useShop()
  const user = useUser()
  const preview = useQuery({
    queryKey: ['withdrawal', user, id],
    queryFn: () => client.purchases.withdraw.mutate({ id }),
    gcTime: 0,
    refetchOnWindowFocus: false,
  })
  // The server has received the withdrawal even if the refund has failed, so `onConfirmed` also runs after an error.
  const confirm = useMutation({
    mutationFn: () => client.purchases.withdraw.mutate({ id, confirm: true }),
    onSettled: onConfirmed,
  })
  if (preview.isError) return <ErrorNotice error={preview.error} retry={() => void preview.refetch()} />
  if (!preview.data || !('possible' in preview.data)) return <Loading />
  const { reason, until, refund } = preview.data
  const refusal = problemOf(confirm.error)?.code === 'withdrawal_refused' ? problemOf(confirm.error)?.reason : reason
  if (refusal) return <Refusal reason={refusal} hadFocus={hadFocus} />
  return (
    <section aria-labelledby="consequences">
      <h2 id="consequences">What happens</h2>
      <ul>
        <li>
          You are withdrawing from the contract for <bdi>“{title}”</bdi>.
        </li>
        <li>Your access ends immediately.</li>
        <li>{refundText(refund)}</li>
      </ul>
      {until !== null && (
        <p>
          You can withdraw until <time dateTime={until}>{formatDateTime(until)}</time>.
        </p>
      )}
      {confirm.error && <ErrorText error={confirm.error} />}
      <p className="actions">
        <button
          type="button"
          disabled={confirm.isPending}
          onClick={() => {
            hadFocus.current = true
            confirm.mutate()
          }}
        >
          {confirm.isPending ? 'Withdrawing…' : 'Confirm withdrawal'}
        </button>
        <Link href={purchasePath(id)}>Keep my purchase</Link>
      </p>
    </section>
  )
}

const refundText = (refund: Refund): string =>
  refund === null
    ? 'You paid nothing, so there is nothing to refund.'
    : `We will refund ${formatMoney(refund.amount, refund.currency)} to the payment method that you used.`

const isKnown = (reason: string): reason is keyof typeof reasons => Object.hasOwn(reasons, reason)

const Refusal = ({ reason, hadFocus }: { reason: string; hadFocus: RefObject<boolean> }) => (
  <Notice title="You can't withdraw from this purchase" hadFocus={hadFocus}>
    <p>{isKnown(reason) ? reasons[reason] : 'Contact us if you have a question.'}</p>
  </Notice>
)

/** Describes the refund. Once Stripe has accepted it, the money is on its way; until then, the page says that the refund will follow. */
const refundState = ({ status, amountPaid, amountRefunded, currency, currencyPaid }: PurchaseDetails): string => {
  if (amountPaid === 0) return 'You paid nothing, so there is nothing to refund.'
  const amount = formatMoney(amountRefunded > 0 ? amountRefunded : amountPaid, currencyPaid ?? currency)
  return status === 'Refunded'
    ? `We have refunded ${amount}. Your bank may take a few days to show it.`
    : `We will refund ${amount}. This page shows when the refund is complete.`
}

interface AcknowledgmentProps extends Omit<RequestProps, 'onConfirmed'> {
  at: string
}

const Acknowledgment = ({ purchase, at, title, hadFocus }: AcknowledgmentProps) => (
  <>
    <Notice title="Withdrawal received" tone="good" hadFocus={hadFocus}>
      <p>
        We received your withdrawal from the contract for <bdi>“{title}”</bdi> on <time dateTime={at}>{formatZonedTime(at)}</time>
        . Your access has ended.
      </p>
      <p>{refundState(purchase)}</p>
      <p>Order number: {purchase.purchaseId}</p>
    </Notice>
    <p className="actions no-print">
      <button type="button" onClick={() => window.print()}>
        Print
      </button>
    </p>
  </>
)
