import { lazy, Suspense } from 'react'
import { Link, Route, Switch, useLocation } from 'wouter'
import { ErrorBoundary } from './components/error-boundary.tsx'
import { Loading } from './components/notice.tsx'
import { OfflineBanner } from './components/offline-banner.tsx'
import { Page } from './components/page.tsx'
import { SignInLink } from './components/sign-in-link.tsx'
import { useIsAdmin, useShop, useUser } from './context.tsx'
import { loadChunk } from './load-chunk.ts'
import { useLinkedPromotionCode } from './money/promotion-code.ts'
import { Catalog } from './pages/catalog.tsx'
import { Entity } from './pages/entity.tsx'
import { Purchases } from './pages/purchases.tsx'
import { Receipt } from './pages/receipt.tsx'
import { SignIn } from './pages/sign-in.tsx'
import { Watch } from './pages/watch.tsx'
import { Withdraw } from './pages/withdraw.tsx'
import { idOfPath } from './paths.ts'

/** The back office is in a separate bundle, which only admins load. */
const Admin = lazy(() => loadChunk(() => import('./admin/admin.tsx')))

export const App = () => (
  <>
    <a className="skip-link" href="#main">
      Skip to content
    </a>
    <Header />
    <OfflineBanner />
    <main id="main">
      <Main />
    </main>
    <Footer />
  </>
)

const Main = () => {
  const [location] = useLocation()
  useLinkedPromotionCode()
  return (
    <ErrorBoundary resetKey={location}>
      <Switch>
        <Route path="/" component={Catalog} />
        <Route path="/e/:id">{({ id }) => <Entity key={id} entityId={idOfPath(id)} />}</Route>
        <Route path="/watch/:id">{({ id }) => <Watch key={id} entityId={idOfPath(id)} />}</Route>
        <Route path="/purchases" component={Purchases} />
        <Route path="/purchases/:id">{({ id }) => <Receipt key={id} id={idOfPath(id)} />}</Route>
        <Route path="/purchases/:id/withdraw">{({ id }) => <Withdraw key={id} id={idOfPath(id)} />}</Route>
        <Route path="/sign-in" component={SignIn} />
        <Route path="/admin" nest>
          <Suspense fallback={<Loading />}>
            <Admin />
          </Suspense>
        </Route>
        <Route>
          <Page title="Page not found">
            <Link href="/">Browse films</Link>
          </Page>
        </Route>
      </Switch>
    </ErrorBoundary>
  )
}

const Footer = () => {
  const { config } = useShop()
  return (
    <footer>
      A demo of pay-to-view. The films are in the public domain.
      {config.stripeJsUrl !== null &&
        ' This is a test store; no real money moves. Pay with 4242 4242 4242 4242, any future date and any three digits.'}
    </footer>
  )
}

const Header = () => {
  const { session } = useShop()
  const user = useUser()
  const isAdmin = useIsAdmin()
  const [location] = useLocation()
  const ariaCurrent = (path: string) => (location === path || location.startsWith(`${path}/`) ? 'page' : undefined)
  return (
    <header>
      <Link className="brand" href="/">
        Silent House
      </Link>
      <nav aria-label="Main">
        {isAdmin && (
          <Link href="/admin" aria-current={ariaCurrent('/admin')}>
            Back office
          </Link>
        )}
        <Link href="/purchases" aria-current={ariaCurrent('/purchases')}>
          My purchases
        </Link>
        {user === null ? (
          location !== '/sign-in' && <SignInLink className="">Sign in</SignInLink>
        ) : (
          <button type="button" className="secondary" onClick={() => session.signOut()}>
            Sign out <span className="user-name">{user}</span>
          </button>
        )}
      </nav>
    </header>
  )
}
