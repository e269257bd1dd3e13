import { type ReactNode, useCallback } from 'react'
import { useSearchParams } from 'wouter'
import { Page } from '../../components/page.tsx'
import './overview.css'
import { readPeriod } from './period.ts'
import { PeriodForm } from './period-form.tsx'
import { Sales } from './period-sales.tsx'
import { PlaysOverTime } from './plays-over-time.tsx'

interface ReportPageProps {
  title: string
  /** The page's path. */
  path: string
  /** If set, the report includes only this entity's sales and plays. */
  entityId?: string
  /** Links above the report. */
  children?: ReactNode
}

/** The sales figures of a period. The query string contains the period, the time zone and the currency. */
export const ReportPage = ({ title, path, entityId, children }: ReportPageProps) => {
  const [search, setSearch] = useSearchParams()
  const change = useCallback(
    (parameters: Record<string, string | null>) =>
      setSearch((current) => {
        const next = new URLSearchParams(current)
        for (const [name, value] of Object.entries(parameters)) {
          if (value === null) next.delete(name)
          else next.set(name, value)
        }
        return next
      }),
    [setSearch],
  )
  const read = readPeriod(search, new Date())
  const period = 'period' in read ? read.period : null
  return (
    <Page title={title}>
      {children}
      <PeriodForm fields={read.fields} error={'error' in read ? read.error : null} change={change} />
      {period && <Sales {...{ period, search, path, entityId }} />}
      {period && entityId !== undefined && <PlaysOverTime period={period} entityId={entityId} />}
    </Page>
  )
}
