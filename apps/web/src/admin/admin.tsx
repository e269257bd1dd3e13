import { Link, Route, Switch, useLocation } from 'wouter'
import { Notice } from '../components/notice.tsx'
import { Page } from '../components/page.tsx'
import { SignInLink } from '../components/sign-in-link.tsx'
import { useIsAdmin } from '../context.tsx'
import './admin.css'
import { ApiKeys } from './api-keys.tsx'
import { AuditLog } from './audit-log.tsx'
import { NeedsAttention } from './needs-attention.tsx'
import { Products } from './products.tsx'
import { Purchase } from './purchase.tsx'
import { Search } from './search.tsx'

const sections = [
  ['/', 'Purchases'],
  ['/attention', 'Needs attention'],
  ['/products', 'Products'],
  ['/api-keys', 'API keys'],
  ['/audit', 'Audit log'],
] as const

/** The page of one purchase belongs to the section "Purchases". */
const sectionPath = (location: string): string => (location.startsWith('/purchases/') ? '/' : location)

/** The back office. Hiding it is only for convenience: the API checks every admin call. */
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
      <Switch>
        <Route path="/" component={Search} />
        <Route path="/purchases/:id">{({ id }) => <Purchase key={id} id={id} />}</Route>
        <Route path="/attention" component={NeedsAttention} />
        <Route path="/products" component={Products} />
        <Route path="/api-keys" component={ApiKeys} />
        <Route path="/audit" component={AuditLog} />
        <Route>
          <Page title="Page not found">
            <Link href="/">Purchases</Link>
          </Page>
        </Route>
      </Switch>
    </div>
  )
}

export default Admin
