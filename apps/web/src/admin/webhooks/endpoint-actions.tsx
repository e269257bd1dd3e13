import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useLocation } from 'wouter'
import { ErrorText } from '../../components/notice.tsx'
import { useShop } from '../../context.tsx'
import { ConfirmDialog } from '../confirm-dialog.tsx'
import { SuccessMessage } from '../success-message.tsx'
import type { Endpoint } from './endpoint-form.tsx'
import { ResendForm } from './resend-form.tsx'

type Action = 'rotate' | 'delete'

const dialogs: Record<Action, { title: string; action: string; text: string }> = {
  rotate: {
    title: 'Replace the signing secret?',
    action: 'Replace',
    text: 'For 24 hours, messages are signed with both secrets, so you have time to give the new secret to the receiver.',
  },
  delete: {
    title: 'Delete the endpoint?',
    action: 'Delete',
    text: "It gets no more messages, and its list of deliveries is deleted. This can't be undone.",
  },
}

interface EndpointActionsProps {
  endpoint: Endpoint
  onSecret: (secret: string | null) => void
  refresh: () => void
}

/** An operator's actions on an endpoint: test it, disable it, rotate its secret, resend messages, delete it. */
export const EndpointActions = ({ endpoint, onSecret, refresh }: EndpointActionsProps) => {
  const { client } = useShop()
  const [, navigate] = useLocation()
  const [asked, setAsked] = useState<Action | null>(null)
  const { id, enabled } = endpoint
  const { webhookEndpoints } = client.admin
  const test = useMutation({ mutationFn: () => webhookEndpoints.test.mutate({ id }), onSuccess: refresh })
  const enable = useMutation({ mutationFn: () => webhookEndpoints.update.mutate({ id, enabled: !enabled }), onSuccess: refresh })
  const confirmed = useMutation({
    mutationFn: async (action: Action) => {
      if (action === 'rotate') return (await webhookEndpoints.rotateSecret.mutate({ id })).secret ?? null
      await webhookEndpoints.remove.mutate({ id })
      return null
    },
    onSuccess: (secret, action) => {
      setAsked(null)
      onSecret(secret)
      if (action === 'delete') navigate('/webhooks')
      refresh()
    },
  })
  const ask = (action: Action): void => {
    confirmed.reset()
    setAsked(action)
  }
  const error = test.error ?? enable.error
  return (
    <section aria-label="Actions">
      <div className="row actions">
        <button type="button" className="secondary" disabled={!enabled || test.isPending} onClick={() => test.mutate()}>
          Send a test message
        </button>
        <button type="button" className="secondary" disabled={enable.isPending} onClick={() => enable.mutate()}>
          {enabled ? 'Disable' : 'Enable'}
        </button>
        <button type="button" className="secondary" onClick={() => ask('rotate')}>
          Replace the secret
        </button>
        <button type="button" className="secondary" onClick={() => ask('delete')}>
          Delete
        </button>
      </div>
      <SuccessMessage>{test.isSuccess ? 'The test message is on its way.' : null}</SuccessMessage>
      {error && <ErrorText error={error} />}
      {enabled && <ResendForm id={id} refresh={refresh} />}
      {asked && (
        <ConfirmDialog
          title={dialogs[asked].title}
          action={dialogs[asked].action}
          isPending={confirmed.isPending}
          error={confirmed.error}
          onConfirm={() => confirmed.mutate(asked)}
          onClose={() => setAsked(null)}
        >
          <p>{dialogs[asked].text}</p>
        </ConfirmDialog>
      )}
    </section>
  )
}
