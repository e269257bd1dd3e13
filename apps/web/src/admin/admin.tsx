import { Link, Route, Switch, useLocation } from 'wouter'
import { useIsAdmin } from '../context.tsx'
import { Notice } from '../parts/notice.tsx'
import { Page } from '../parts/page.tsx'
import { SignInLink } from '../parts/sign-in-link.tsx'
import './admin.css'
import { Attention } from './attention.tsx'
import { Products } from './products.tsx'
import { Purchase } from './purchase.tsx'
import { Search } from './search.tsx'

const sections = [
  ['/', 'Purchases'],
  ['/attention', 'Needs attention'],
  ['/products', 'Products'],
] as const

/** A purchase's page is one of the purchases. */
const sectionOf = (at: string): string => (at.startsWith('/purchases/') ? '/' : at)

/** The back office. That it is shown decides nothing: every call of it is checked by the API. */
const Admin = () => {
  const admin = useIsAdmin()
  const [at] = useLocation()
  if (!admin) {
    return (
      <Page title="Back office">
        <Notice title="This is for operators">
          <SignInLink>Sign in as an operator</SignInLink>
        </Notice>
      </Page>
    )
  }
  return (
    <div className="office">
      <nav className="sections" aria-label="Back office">
        {sections.map(([place, name]) => (
          <Link key={place} href={place} aria-current={place === sectionOf(at) ? 'page' : undefined}>
            {name}
          </Link>
        ))}
      </nav>
      <Switch>
        <Route path="/" component={Search} />
        <Route path="/purchases/:id">{({ id }) => <Purchase key={id} id={id} />}</Route>
        <Route path="/attention" component={Attention} />
        <Route path="/products" component={Products} />
        <Route>
          <Page title="There is nothing here">
            <Link href="/">Purchases</Link>
          </Page>
        </Route>
      </Switch>
    </div>
  )
}

export default Admin
