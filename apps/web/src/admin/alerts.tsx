import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from 'wouter'
import { useShop } from '../context.tsx'
import { stamp } from '../format.ts'
import { tell } from '../problem.ts'
import { Done } from './done.tsx'

interface Alert {
  id: string
  kind: string
  purchaseId: string | null
  detail?: unknown
  at: string
  resolvedAt: string | null
}

/** `amount 100 · quoted 499`: what an alert says beside its kind. */
const wordsOf = (detail: unknown): string =>
  typeof detail === 'object' && detail !== null
    ? Object.entries(detail)
        .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
        .join(' · ')
    : ''

const kindName = ({ kind }: Alert): string => kind.replaceAll('_', ' ')

/** Alerts, with the button that says that somebody has dealt with one. */
export const Alerts = ({ alerts }: { alerts: Alert[] }) => {
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
                <strong>{kindName(alert)}</strong> <small>{stamp(at)}</small>
                {purchaseId && (
                  <small>
                    <Link href={`/purchases/${purchaseId}`}>{purchaseId}</Link>
                  </small>
                )}
                <code>{wordsOf(detail)}</code>
              </div>
              {resolvedAt === null ? (
                <button
                  type="button"
                  className="quiet"
                  aria-disabled={resolve.isPending}
                  onClick={() => resolve.isPending || resolve.mutate(alert)}
                >
                  Resolve<span className="unseen"> {kind}</span>
                </button>
              ) : (
                <span className="badge good">resolved</span>
              )}
            </li>
          )
        })}
      </ul>
      <Done>{resolve.data ? `Resolved: ${kindName(resolve.variables)}, ${stamp(resolve.variables.at)}.` : null}</Done>
      {resolve.isError && (
        <p role="alert" className="wrong">
          {tell(resolve.error).title}. {tell(resolve.error).detail}
        </p>
      )}
    </>
  )
}
