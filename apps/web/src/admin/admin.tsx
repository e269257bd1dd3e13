import { Link, Route, Switch } from 'wouter'
import { useIsAdmin } from '../context.tsx'
import { Notice } from '../parts/notice.tsx'
import { Page } from '../parts/page.tsx'
import './admin.css'
import { Attention } from './attention.tsx'
import { Products } from './products.tsx'
import { Purchase } from './purchase.tsx'
import { Search } from './search.tsx'

/** The back office. That it is shown decides nothing: every call of it is checked by the API. */
const Admin = () => {
  const admin = useIsAdmin()
  if (!admin) {
    return (
      <Page title="Back office">
        <Notice title="This is for operators">
          <Link className="button" href="~/sign-in?next=/admin">
            Sign in as an operator
          </Link>
        </Notice>
      </Page>
    )
  }
  return (
    <>
      <nav className="sections" aria-label="Back office">
        <Link href="/">Purchases</Link>
        <Link href="/attention">Needs attention</Link>
        <Link href="/products">Products</Link>
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
    </>
  )
}

export default Admin
