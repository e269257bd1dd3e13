import { lazy, Suspense } from 'react'
import { Link, Route, Switch, useLocation } from 'wouter'
import { useIsAdmin, useShop, useUser } from './context.tsx'
import { Catalogue } from './pages/catalogue.tsx'
import { Entity } from './pages/entity.tsx'
import { Purchases } from './pages/purchases.tsx'
import { Receipt } from './pages/receipt.tsx'
import { SignIn } from './pages/sign-in.tsx'
import { Watch } from './pages/watch.tsx'
import { Waiting } from './parts/notice.tsx'
import { Offline } from './parts/offline.tsx'
import { Page } from './parts/page.tsx'
import { SignInLink } from './parts/sign-in-link.tsx'

/** Viewers do not load the back office. */
const Admin = lazy(() => import('./admin/admin.tsx'))

export const App = () => (
  <>
    <a className="skip" href="#main">
      Skip to the content
    </a>
    <Header />
    <Offline />
    <main id="main">
      <Switch>
        <Route path="/" component={Catalogue} />
        <Route path="/e/:entityId">{({ entityId }) => <Entity key={entityId} entityId={entityId} />}</Route>
        <Route path="/watch/:entityId">{({ entityId }) => <Watch key={entityId} entityId={entityId} />}</Route>
        <Route path="/purchases" component={Purchases} />
        <Route path="/purchases/:id">{({ id }) => <Receipt key={id} id={id} />}</Route>
        <Route path="/sign-in" component={SignIn} />
        <Route path="/admin" nest>
          <Suspense fallback={<Waiting what="Opening the back office …" />}>
            <Admin />
          </Suspense>
        </Route>
        <Route>
          <Page title="There is nothing here">
            <Link href="/">See what is showing</Link>
          </Page>
        </Route>
      </Switch>
    </main>
    <Footer />
  </>
)

const Footer = () => {
  const { config } = useShop()
  return (
    <footer>
      A demo of pay-to-view. The films are in the public domain
      {config.stripeJsUrl === null
        ? '.'
        : '; the money of the local Stripe is not real: pay with 4242 4242 4242 4242, any date to come and any three digits.'}
    </footer>
  )
}

const Header = () => {
  const { session } = useShop()
  const user = useUser()
  const admin = useIsAdmin()
  const [at] = useLocation()
  const current = (place: string) => (at === place || at.startsWith(`${place}/`) ? 'page' : undefined)
  return (
    <header>
      <Link className="brand" href="/">
        Silent House
      </Link>
      <nav aria-label="Site">
        {admin && (
          <Link href="/admin" aria-current={current('/admin')}>
            Back office
          </Link>
        )}
        <Link href="/purchases" aria-current={current('/purchases')}>
          My purchases
        </Link>
        {user === null ? (
          at !== '/sign-in' && <SignInLink className="">Sign in</SignInLink>
        ) : (
          <button type="button" className="quiet" onClick={() => session.signOut()}>
            Sign out <span className="who">{user}</span>
          </button>
        )}
      </nav>
    </header>
  )
}
