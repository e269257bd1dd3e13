import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { ErrorText } from '../components/notice.tsx'
import { useShop } from '../context.tsx'
import type { Alert } from './alert-list.tsx'
import { alertText, awaitsDecision, decisionAdvice } from './alert-texts.ts'
import { ConfirmDialog } from './confirm-dialog.tsx'
import { SuccessMessage } from './success-message.tsx'

/** Renders alerts that can be resolved: a dialog asks for a note, and a button can then undo the resolution. */
export const AlertResolver = ({ children }: { children: (resolve: (alerts: Alert[]) => void) => ReactNode }) => {
  const { client } = useShop()
  const queries = useQueryClient()
  const [selected, setSelected] = useState<Alert[]>([])
  const refresh = () => queries.invalidateQueries({ queryKey: ['admin'] })
  const reopen = useMutation({
    mutationFn: (alerts: Alert[]) => client.admin.alerts.reopen.mutate({ ids: idsOf(alerts) }),
    onSuccess: refresh,
  })
  const resolve = useMutation({
    mutationFn: ({ alerts, note }: { alerts: Alert[]; note: string }) =>
      client.admin.alerts.resolveMany.mutate({
        ids: idsOf(alerts),
        note: note.trim() || undefined,
        // The dialog has already warned that a dispute is open.
        confirmOpenDispute: alerts.some(isOpenDispute),
      }),
    onSuccess: async () => {
      reopen.reset()
      await refresh()
      setSelected([])
    },
  })
  const resolved = resolve.isSuccess ? resolve.variables.alerts : []
  return (
    <>
      <SuccessMessage
        action={
          resolved.length > 0 && !reopen.isSuccess ? (
            <button
              type="button"
              className="secondary"
              aria-disabled={reopen.isPending}
              onClick={() => reopen.isPending || reopen.mutate(resolved)}
            >
              Undo
            </button>
          ) : null
        }
      >
        {reopen.isSuccess
          ? `Reopened: ${describe(reopen.variables)}.`
          : resolved.length > 0
            ? `Resolved: ${describe(resolved)}.`
            : null}
      </SuccessMessage>
      {reopen.isError && <ErrorText error={reopen.error} />}
      {children((alerts) => {
        resolve.reset()
        reopen.reset()
        setSelected(alerts)
      })}
      {selected.length > 0 && (
        <ResolveDialog
          alerts={selected}
          isPending={resolve.isPending}
          error={resolve.error}
          onResolve={(note) => resolve.mutate({ alerts: selected, note })}
          onClose={() => setSelected([])}
        />
      )}
    </>
  )
}

const isOpenDispute = ({ kind }: Alert): boolean => kind === 'disputed'

const openDisputeText = (alerts: Alert[]): string =>
  alerts.filter(isOpenDispute).every(awaitsDecision)
    ? decisionAdvice
    : 'Without evidence before the deadline, the dispute is lost. The alert closes automatically with the dispute.'

const idsOf = (alerts: Alert[]): string[] => alerts.map(({ id }) => id)

const describe = (alerts: Alert[]): string => {
  const title = alertText(alerts[0]?.kind ?? '').title
  return alerts.length === 1 ? title : `${alerts.length} × ${title}`
}

interface ResolveDialogProps {
  alerts: Alert[]
  isPending: boolean
  error: unknown
  onResolve: (note: string) => void
  onClose: () => void
}

const ResolveDialog = ({ alerts, isPending, error, onResolve, onClose }: ResolveDialogProps) => {
  const [note, setNote] = useState('')
  const hasOpenDispute = alerts.some(isOpenDispute)
  const count = alerts.length === 1 ? 'this alert' : `${alerts.length} alerts`
  return (
    <ConfirmDialog
      title={hasOpenDispute ? 'The dispute is still open' : `Resolve ${count}?`}
      action={hasOpenDispute ? 'Resolve anyway' : 'Resolve'}
      isPending={isPending}
      error={error}
      onConfirm={() => onResolve(note)}
      onClose={onClose}
    >
      <p>{hasOpenDispute ? openDisputeText(alerts) : describe(alerts)}</p>
      <div className="form">
        <label htmlFor="alert-note">Note</label>
        <input
          id="alert-note"
          value={note}
          maxLength={1000}
          placeholder="Internal only"
          onChange={(event) => setNote(event.target.value)}
        />
      </div>
    </ConfirmDialog>
  )
}
