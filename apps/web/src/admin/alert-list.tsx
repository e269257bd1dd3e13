import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from 'wouter'
import { ErrorText } from '../components/notice.tsx'
import { useShop } from '../context.tsx'
import { formatTimestamp } from '../format.ts'
import { SuccessMessage } from './success-message.tsx'

interface Alert {
  id: string
  kind: string
  purchaseId: string | null
  detail?: unknown
  at: string
  resolvedAt: string | null
}

/** Formats an alert's details as `amount 100 · quoted 499`. */
const formatDetail = (detail: unknown): string =>
  typeof detail === 'object' && detail !== null
    ? Object.entries(detail)
        .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
        .join(' · ')
    : ''

const alertName = ({ kind }: Alert): string => kind.replaceAll('_', ' ')

/** Alerts, each with a button to resolve it. */
export const AlertList = ({ alerts }: { alerts: Alert[] }) => {
  const { client } = useShop()
  const queries = useQueryClient()
  const resolve = useMutation({
    mutationFn: ({ id }: Alert) => client.admin.alerts.resolve.mutate({ id }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['admin'] }),
  })
  return (
    <>
      <ul className="alerts">
        {alerts.map((alert) => {
          const { id, kind, purchaseId, detail, at, resolvedAt } = alert
          return (
            <li key={id}>
              <div>
                <strong>{alertName(alert)}</strong> <small>{formatTimestamp(at)}</small>
                {purchaseId && (
                  <small>
                    <Link href={`/purchases/${purchaseId}`}>{purchaseId}</Link>
                  </small>
                )}
                <code>{formatDetail(detail)}</code>
              </div>
              {resolvedAt === null ? (
                <button
                  type="button"
                  className="secondary"
                  aria-disabled={resolve.isPending}
                  onClick={() => resolve.isPending || resolve.mutate(alert)}
                >
                  Resolve<span className="visually-hidden"> {kind}</span>
                </button>
              ) : (
                <span className="badge good">resolved</span>
              )}
            </li>
          )
        })}
      </ul>
      <SuccessMessage>
        {resolve.data ? `Resolved: ${alertName(resolve.variables)}, ${formatTimestamp(resolve.variables.at)}.` : null}
      </SuccessMessage>
      {resolve.isError && <ErrorText error={resolve.error} />}
    </>
  )
}
