import { type ReactNode, useCallback } from 'react'
import { Link, useSearchParams } from 'wouter'
import { Notice } from '../../components/notice.tsx'
import { Page } from '../../components/page.tsx'
import './overview.css'
import { readPeriod } from './period.ts'
import { PeriodForm } from './period-form.tsx'
import { Sales } from './period-sales.tsx'
import { PlaysOverTime } from './plays-over-time.tsx'

interface ReportPageProps {
  title: string
  /** The path of the page. */
  path: string
  /** Only this entity's sales and plays. */
  entityId?: string
  /** Links above the report. */
  children?: ReactNode
}

/** The figures of a period. The period, the time zone and the currency are in the query string. */
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
  const period = readPeriod(search, new Date())
  return (
    <Page title={title}>
      {children}
      {'error' in period ? (
        <Notice title="The period can't be read" tone="bad">
          <p>{period.error}</p>
          <Link href={path}>The last 30 days</Link>
        </Notice>
      ) : (
        <>
          <PeriodForm period={period} change={change} />
          <Sales {...{ period, search, path, entityId }} />
          {entityId !== undefined && <PlaysOverTime period={period} entityId={entityId} />}
        </>
      )}
    </Page>
  )
}
