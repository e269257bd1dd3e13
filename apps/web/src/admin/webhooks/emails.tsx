import { problemOf } from '@pay-to-view/client'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useSearchParams } from 'wouter'
import { ErrorNotice, Loading, Notice } from '../../components/notice.tsx'
import { Page } from '../../components/page.tsx'
import { useShop, useUser } from '../../context.tsx'
import { purchasePath } from '../../paths.ts'
import { Deliveries } from './deliveries.tsx'
import { EndpointStatus } from './endpoint-status.tsx'
import { DeliveryPlot } from './lazy-delivery-plot.tsx'
import { ResendForm } from './resend-form.tsx'

const id = 'email'

/** The e-mails to buyers, for one purchase or for all purchases. They are shown without addresses, because only Stripe stores the addresses. */
export const Emails = () => {
  const { client } = useShop()
  const user = useUser()
  const queries = useQueryClient()
  const [search] = useSearchParams()
  const purchaseId = search.get('purchaseId') ?? undefined
  const query = useQuery({
    queryKey: ['admin', user, 'webhooks', id],
    queryFn: () => client.admin.webhookEndpoints.get.query({ id }),
    retry: (count, error) => problemOf(error)?.status !== 404 && count < 2,
  })
  const endpoint = query.data
  const isUnknown = problemOf(query.error)?.status === 404
  return (
    <Page title="E-mails to buyers">
      <p className="links">
        <Link href="/webhooks">Webhooks</Link>
        {purchaseId !== undefined && <Link href={purchasePath(purchaseId)}>Purchase</Link>}
        {purchaseId !== undefined && <Link href="/emails">E-mails about all purchases</Link>}
      </p>
      {query.isPending && <Loading />}
      {isUnknown && <Notice title="E-mail is off">Set SMTP_URL on the workers to send e-mails.</Notice>}
      {query.isError && !isUnknown && <ErrorNotice error={query.error} retry={() => void query.refetch()} />}
      {endpoint && (
        <>
          <div className="row">
            <EndpointStatus endpoint={endpoint} />
            {purchaseId !== undefined && <code>{purchaseId}</code>}
          </div>
          {purchaseId === undefined && (
            <>
              {endpoint.enabled && <ResendForm id={id} refresh={() => void queries.invalidateQueries({ queryKey: ['admin'] })} />}
              <DeliveryPlot id={id} />
            </>
          )}
          <Deliveries endpoint={endpoint} purchaseId={purchaseId} />
        </>
      )}
    </Page>
  )
}
