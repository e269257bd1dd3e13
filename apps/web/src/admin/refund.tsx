import type { Outputs } from '@pay-to-view/client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useShop } from '../context.tsx'
import { majorUnits, minorUnits, money } from '../format.ts'
import { Confirm } from './confirm.tsx'
import { Done } from './done.tsx'

type Purchase = Outputs['admin']['purchases']['get']

/** What the operator confirms, and what is sent: what others refund meanwhile does not change it. */
interface Asked {
  amount: number
  isAll: boolean
  reason: string | undefined
  /** One key for one dialog: trying again after a lost answer never refunds twice. */
  requestId: string
}

/** A refund of all that is left, or of a part. */
export const Refund = ({ purchase }: { purchase: Purchase }) => {
  const { client } = useShop()
  const queries = useQueryClient()
  const [asked, setAsked] = useState<Asked | null>(null)
  const [wrong, setWrong] = useState<string | null>(null)
  const currency = purchase.currencyPaid ?? purchase.currency
  const left = purchase.amountPaid - purchase.amountRefunded
  const refund = useMutation({
    mutationFn: ({ amount, reason, requestId }: Asked) =>
      client.admin.purchases.refund.mutate({ id: purchase.purchaseId, amount, reason, requestId }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['admin'] })
      setAsked(null)
    },
  })
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const amount = minorUnits(String(form.get('amount')), currency)
    if (amount === null || amount < 1 || amount > left) {
      setWrong(`Expected an amount up to ${money(left, currency)}`)
      return
    }
    setWrong(null)
    refund.reset()
    const reason = String(form.get('reason')).trim() || undefined
    setAsked({ amount, isAll: amount === left, reason, requestId: crypto.randomUUID() })
  }
  const done = <Done>{refund.data ? `Refunded: ${money(refund.data.amount, currency)}.` : null}</Done>
  if (left <= 0 || purchase.status === 'ChargedBack') return done
  return (
    <section aria-labelledby="refund">
      <h2 id="refund">Refund</h2>
      {done}
      <form className="form" onSubmit={submit} key={left}>
        <label htmlFor="refund-amount">Amount in {currency.toUpperCase()}</label>
        <input
          id="refund-amount"
          name="amount"
          inputMode="decimal"
          defaultValue={majorUnits(left, currency)}
          aria-invalid={wrong !== null}
          aria-describedby={wrong === null ? undefined : 'refund-wrong'}
        />
        {wrong !== null && (
          <p role="alert" className="wrong" id="refund-wrong">
            {wrong}
          </p>
        )}
        <label htmlFor="refund-reason">Reason</label>
        <input id="refund-reason" name="reason" maxLength={500} placeholder="The viewer does not see it" />
        <button type="submit">Refund …</button>
      </form>
      {asked && (
        <Confirm
          title={`Refund ${money(asked.amount, currency)}?`}
          action={`Refund ${money(asked.amount, currency)}`}
          pending={refund.isPending}
          error={refund.error}
          onConfirm={() => refund.mutate(asked)}
          onClose={() => setAsked(null)}
        >
          <p>
            {purchase.userId} gets {money(asked.amount, currency)} back for {purchase.entityTitle}.{' '}
            {asked.isAll ? 'That is all that is left' : 'A part'}
            {purchase.hasAccess && (asked.isAll ? ': access ends' : ': access stays')}.
          </p>
        </Confirm>
      )}
    </section>
  )
}
