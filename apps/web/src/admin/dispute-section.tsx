import type { Outputs } from '@pay-to-view/client'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useShop, useUser } from '../context.tsx'
import { formatDateTime, formatMoney } from '../format.ts'
import { ConfirmDialog } from './confirm-dialog.tsx'
import { SuccessMessage } from './success-message.tsx'

type Dispute = Outputs['admin']['disputes']['get']
type Field = keyof Dispute['evidence']

const labels = {
  product_description: 'Product',
  access_activity_log: 'Access and plays',
  customer_name: 'Name',
  customer_email_address: 'E-mail',
  billing_address: 'Billing address',
  customer_purchase_ip: 'IP address',
  service_date: 'Service date',
  refund_policy_disclosure: 'Refund policy',
  refund_refusal_explanation: 'Why there is no refund',
  uncategorized_text: 'Other evidence',
} as const satisfies Record<Field, string>

const isField = (name: string): name is Field => name in labels
const fields = Object.keys(labels).filter(isField)

/** Returns the number of rows for browsers that do not fit a text field's height to its content. A line has about 100 characters. */
const rows = (text: string | null): number => {
  const lines = (text ?? '').split('\n').reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / 100)), 0)
  return Math.min(30, Math.max(2, lines + 1))
}

const stateText = ({ status, submissionCount, dueBy, pastDue }: Dispute): string => {
  if (status === 'won') return 'The dispute was won.'
  if (status === 'lost') return 'The dispute was lost.'
  if (status === 'prevented') return 'The dispute was prevented.'
  if (status === 'warning_closed') return 'The inquiry was closed.'
  if (submissionCount > 0) return 'The evidence was submitted. The bank will decide.'
  if (pastDue) return 'The deadline has passed. Nothing was submitted.'
  return dueBy === null ? 'Nothing has been submitted yet.' : `Nothing has been submitted yet. Due by ${formatDateTime(dueBy)}.`
}

/** A purchase's dispute. An operator can edit the evidence, and can submit it once. */
export const DisputeSection = ({ purchase }: { purchase: Outputs['admin']['purchases']['get'] }) => {
  const { client } = useShop()
  const user = useUser()
  const { purchaseId, disputes } = purchase
  const dispute = useQuery({
    // The dispute statuses are part of the key: when a status changes, the dispute is refetched, because its other fields have
    // changed too.
    queryKey: ['admin', user, 'dispute', purchaseId, disputes.map(({ status }) => status)],
    queryFn: () => client.admin.disputes.get.query({ id: purchaseId }),
    refetchOnWindowFocus: false,
    // Polls until the evidence has been assembled.
    refetchInterval: ({ state }) => (state.data && !state.data.hasEvidence ? 5_000 : false),
  })
  return (
    <section aria-labelledby="dispute">
      <h2 id="dispute">{dispute.data?.status.startsWith('warning_') ? 'Inquiry' : 'Dispute'}</h2>
      {dispute.error && (
        <p role="alert" className="error-text">
          {dispute.error.message}
        </p>
      )}
      {dispute.data && <DisputeEvidence key={String(dispute.data.hasEvidence)} purchaseId={purchaseId} dispute={dispute.data} />}
    </section>
  )
}

const DisputeEvidence = ({ purchaseId, dispute }: { purchaseId: string; dispute: Dispute }) => {
  const { client } = useShop()
  const queries = useQueryClient()
  const [isConfirming, setConfirming] = useState(false)
  const refresh = () => queries.invalidateQueries({ queryKey: ['admin'] })
  const [evidence, setEvidence] = useState(dispute.evidence)
  const changed = fields.filter((field) => (evidence[field] ?? '') !== (dispute.evidence[field] ?? ''))
  const save = useMutation({
    mutationFn: () =>
      client.admin.disputes.stage.mutate({
        id: purchaseId,
        evidence: Object.fromEntries(changed.map((field) => [field, evidence[field] || null])),
      }),
    onSuccess: refresh,
  })
  const submit = useMutation({
    mutationFn: () => client.admin.disputes.submit.mutate({ id: purchaseId }),
    onSuccess: async () => {
      await refresh()
      setConfirming(false)
    },
  })
  const isEditable = dispute.status.endsWith('needs_response') && !dispute.pastDue
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault()
    save.mutate()
  }
  return (
    <>
      <p>
        {formatMoney(dispute.amount, dispute.currency)}, reason: {dispute.reason.replaceAll('_', ' ')}. {stateText(dispute)}
      </p>
      <SuccessMessage>{save.isSuccess && changed.length === 0 && isEditable ? 'Evidence saved.' : null}</SuccessMessage>
      <form className="form evidence" onSubmit={onSubmit}>
        {fields.map((field) => (
          <div className="field" key={field}>
            <label htmlFor={`evidence-${field}`}>{labels[field]}</label>
            <textarea
              id={`evidence-${field}`}
              rows={rows(dispute.evidence[field])}
              readOnly={!isEditable}
              value={evidence[field] ?? ''}
              onChange={(event) => setEvidence({ ...evidence, [field]: event.target.value })}
            />
          </div>
        ))}
        {save.error && (
          <p role="alert" className="error-text">
            {save.error.message}
          </p>
        )}
        {isEditable && (
          <div className="row">
            <button type="submit" disabled={changed.length === 0 || save.isPending}>
              Save evidence
            </button>
            <button type="button" disabled={changed.length > 0 || !dispute.hasEvidence} onClick={() => setConfirming(true)}>
              Submit to the bank…
            </button>
          </div>
        )}
      </form>
      {isConfirming && (
        <ConfirmDialog
          title="Submit the evidence?"
          action="Submit evidence"
          isPending={submit.isPending}
          error={submit.error}
          onConfirm={() => submit.mutate()}
          onClose={() => setConfirming(false)}
        >
          <p>Evidence can be submitted only once, and can't be changed afterward.</p>
        </ConfirmDialog>
      )}
    </>
  )
}
