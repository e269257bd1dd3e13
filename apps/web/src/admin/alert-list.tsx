import type { Outputs } from '@pay-to-view/client'
import { Link } from 'wouter'
import { formatTimestamp } from '../format.ts'
import { purchasePath } from '../paths.ts'
import { userAdminPath } from './admin-paths.ts'
import { alertText, awaitsDecision, formatDetail } from './alert-texts.ts'

export type Alert = Outputs['admin']['alerts']['list']['items'][number]

interface AlertListProps {
  alerts: Alert[]
  /** Whether each alert shows its title. False if a heading above the list already shows it. */
  hasTitles?: boolean
  onResolve: (alerts: Alert[]) => void
}

/** A list of alerts, each with links and a button to resolve it. */
export const AlertList = ({ alerts, hasTitles = true, onResolve }: AlertListProps) => (
  <ul className="alerts">
    {alerts.map((alert) => (
      <li key={alert.id}>
        <div>
          {hasTitles && <strong>{alertText(alert.kind).title}</strong>} <AlertState alert={alert} />
          <small>
            <time dateTime={alert.at}>{formatTimestamp(alert.at)}</time>
          </small>
          <AlertLinks alert={alert} />
          <code>{formatDetail(alert.detail, alert.purchase?.currency ?? null)}</code>
          {alert.note !== null && <small dir="auto">Note: {alert.note}</small>}
        </div>
        {alert.resolvedAt === null ? (
          <button type="button" className="secondary" onClick={() => onResolve([alert])}>
            Resolve<span className="visually-hidden"> {alertText(alert.kind).title}</span>
          </button>
        ) : (
          <span className="badge good">resolved by {alert.resolvedBy}</span>
        )}
      </li>
    ))}
  </ul>
)

/** The alert's deadline, or a badge if the alert is waiting for a bank's decision. Empty for a resolved alert. */
const AlertState = ({ alert }: { alert: Alert }) => {
  if (alert.resolvedAt !== null) return null
  return awaitsDecision(alert) ? <span className="badge">waiting for the bank</span> : <DueDate dueAt={alert.dueAt} />
}

export const DueDate = ({ dueAt }: { dueAt: string | null }) =>
  dueAt && <span className="badge bad">Respond by {formatTimestamp(dueAt)}</span>

const AlertLinks = ({ alert: { purchaseId, purchase } }: { alert: Alert }) => {
  if (purchaseId === null || purchase === null) return null
  return (
    <small className="links">
      <Link href={userAdminPath(purchase.userId)}>
        <bdi>{purchase.userId}</bdi>
      </Link>
      <Link href={`/purchases?entity=${encodeURIComponent(purchase.entityId)}`}>
        <bdi>{purchase.entityTitle}</bdi>
      </Link>
      <Link href={purchasePath(purchaseId)}>{purchaseId}</Link>
    </small>
  )
}
