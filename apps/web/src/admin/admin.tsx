import { lazy, Suspense } from 'react'
import { Link, Redirect, Route, Switch, useLocation, useSearchParams } from 'wouter'
import { Loading, Notice } from '../components/notice.tsx'
import { Page } from '../components/page.tsx'
import { SignInLink } from '../components/sign-in-link.tsx'
import { useIsAdmin } from '../context.tsx'
import { loadChunk } from '../load-chunk.ts'
import { idOfPath } from '../paths.ts'
import './admin.css'
import { ApiKeys } from './api-keys.tsx'
import { AuditLog } from './audit-log.tsx'
import './catalog/catalog.css'
import { Entities } from './entities/entities.tsx'
import { EntityPage } from './entities/entity.tsx'
import { NewEntity } from './entities/new-entity.tsx'
import { NeedsAttention } from './needs-attention.tsx'
import { NewProduct } from './products/new-product.tsx'
import { ProductPage } from './products/product.tsx'
import { Products } from './products/products.tsx'
import { Purchase } from './purchase.tsx'
import { Search } from './search.tsx'
import { UserPage } from './users/user.tsx'
import { Emails } from './webhooks/emails.tsx'
import { WebhookEndpoint } from './webhooks/endpoint.tsx'
import { Webhooks } from './webhooks/webhooks.tsx'

/** The import page has a separate bundle, because its parsers are large. */
const ImportPage = lazy(() => loadChunk(() => import('./import/import-page.tsx')))

/** The pages with reports have separate bundles, because the plot library is large and few other pages need it. */
const OverviewPage = lazy(() => loadChunk(() => import('./overview/overview-page.tsx')))
const EntitySalesPage = lazy(() => loadChunk(() => import('./overview/entity-sales-page.tsx')))
const PayoutsPage = lazy(() => loadChunk(() => import('./overview/payouts-page.tsx')))

const sections = [
  ['/', 'Overview'],
  ['/purchases', 'Purchases'],
  ['/attention', 'Needs attention'],
  ['/entities', 'Catalog'],
  ['/products', 'Products'],
  ['/webhooks', 'Webhooks'],
  ['/api-keys', 'API keys'],
  ['/audit', 'Audit log'],
] as const

/**
 * The sections of pages whose paths do not start with the section's path. The forms for new objects are among these pages,
 * because the "new" in `/entities/new` could be an entity id.
 */
const sectionsOfPages: Partial<Record<string, string>> = {
  '/emails': '/webhooks',
  '/payouts': '/',
  '/sales': '/',
  '/users': '/purchases',
  '/new-title': '/entities',
  '/import': '/entities',
  '/new-product': '/products',
}

/** The section of a page: `/entities/film-42` belongs to the "Catalog" section. */
const sectionPath = (location: string): string => {
  const first = `/${location.split('/')[1] ?? ''}`
  return sectionsOfPages[first] ?? first
}

const searchParameters = ['user', 'payment', 'status', 'entity', 'product']

/** The overview. The purchase search used to have this path, so old search links are redirected to its new path. */
const Start = () => {
  const [search] = useSearchParams()
  if (searchParameters.some((name) => search.has(name))) return <Redirect to={`/purchases?${search}`} replace />
  return <OverviewPage />
}

const OldOverview = () => {
  const [search] = useSearchParams()
  return <Redirect to={`/?${search}`} replace />
}

/** The back office. It is hidden from users who are not admins, but only for convenience: the API checks every admin call. */
const Admin = () => {
  const isAdmin = useIsAdmin()
  const [location] = useLocation()
  if (!isAdmin) {
    return (
      <Page title="Back office">
        <Notice title="Admins only">
          <SignInLink>Sign in as an admin</SignInLink>
        </Notice>
      </Page>
    )
  }
  return (
    <div className="back-office">
      <nav className="section-nav" aria-label="Back office">
        {sections.map(([path, name]) => (
          <Link key={path} href={path} aria-current={path === sectionPath(location) ? 'page' : undefined}>
            {name}
          </Link>
        ))}
      </nav>
      <Suspense fallback={<Loading />}>
        <Switch>
          <Route path="/" component={Start} />
          <Route path="/overview" component={OldOverview} />
          <Route path="/sales/:id">{({ id }) => <EntitySalesPage key={id} id={idOfPath(id)} />}</Route>
          <Route path="/payouts" component={PayoutsPage} />
          <Route path="/purchases" component={Search} />
          <Route path="/purchases/:id">{({ id }) => <Purchase key={id} id={idOfPath(id)} />}</Route>
          <Route path="/users/:id">{({ id }) => <UserPage key={id} userId={idOfPath(id)} />}</Route>
          <Route path="/attention" component={NeedsAttention} />
          <Route path="/entities" component={Entities} />
          <Route path="/new-title" component={NewEntity} />
          <Route path="/entities/:id">{({ id }) => <EntityPage key={id} id={idOfPath(id)} />}</Route>
          <Route path="/import" component={ImportPage} />
          <Route path="/products" component={Products} />
          <Route path="/new-product" component={NewProduct} />
          <Route path="/products/:id">{({ id }) => <ProductPage key={id} id={idOfPath(id)} />}</Route>
          <Route path="/webhooks" component={Webhooks} />
          <Route path="/webhooks/:id">{({ id }) => <WebhookEndpoint key={id} id={id} />}</Route>
          <Route path="/emails" component={Emails} />
          <Route path="/api-keys" component={ApiKeys} />
          <Route path="/audit" component={AuditLog} />
          <Route>
            <Page title="Page not found">
              <Link href="/">Overview</Link>
            </Page>
          </Route>
        </Switch>
      </Suspense>
    </div>
  )
}

export default Admin
