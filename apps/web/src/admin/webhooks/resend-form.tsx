import { useMutation } from '@tanstack/react-query'
import { ErrorText } from '../../components/notice.tsx'
import { useShop } from '../../context.tsx'
import { formatCount } from '../../format.ts'
import { SuccessMessage } from '../success-message.tsx'

/** Resends all messages created since a given time. E-mails are sent only if they were not sent before. */
export const ResendForm = ({ id, refresh }: { id: string; refresh: () => void }) => {
  const { client } = useShop()
  const isEmail = id === 'email'
  const resend = useMutation({
    mutationFn: (input: { since: string; onlyFailed: boolean }) =>
      client.admin.webhookEndpoints.resendSince.mutate({ id, ...input }),
    onSuccess: refresh,
  })
  return (
    <details>
      <summary>Send messages again</summary>
      <form
        className="form"
        aria-label="Send messages again"
        onSubmit={(event) => {
          event.preventDefault()
          const form = new FormData(event.currentTarget)
          const since = new Date(String(form.get('since')))
          if (!Number.isNaN(since.getTime()))
            resend.mutate({ since: since.toISOString(), onlyFailed: isEmail || form.has('onlyFailed') })
        }}
      >
        <label htmlFor="resend-since">Since, in your time zone</label>
        <input id="resend-since" name="since" type="datetime-local" required />
        {isEmail ? (
          <p className="muted">Only e-mails that were not sent. To resend a single e-mail, use the list below.</p>
        ) : (
          <label className="checkbox">
            <input type="checkbox" name="onlyFailed" defaultChecked /> Only messages that the endpoint has not received
          </label>
        )}
        <div className="row">
          <button type="submit" className="secondary" disabled={resend.isPending}>
            Send again
          </button>
        </div>
        {resend.isError && <ErrorText error={resend.error} />}
        <SuccessMessage>
          {resend.isSuccess ? `${formatCount(resend.data.messages, 'message')} will be sent again.` : null}
        </SuccessMessage>
      </form>
    </details>
  )
}
