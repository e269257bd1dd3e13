import { Page } from '../../components/page.tsx'
import { FilteredPurchases } from '../search.tsx'
import { GrantForm } from './grant-form.tsx'
import { UserGrants } from './user-grants.tsx'
import { UserPlays } from './user-plays.tsx'
import { UserRefunds } from './user-refunds.tsx'

/** Everything about one user, with the actions that an operator can take on the user's access. */
export const UserPage = ({ userId }: { userId: string }) => (
  <Page title={userId}>
    <UserGrants userId={userId} />
    <GrantForm userId={userId} />
    <section aria-labelledby="user-purchases">
      <h2 id="user-purchases">Purchases</h2>
      <FilteredPurchases filter={{ userId }} hasUserLinks={false} />
    </section>
    <UserRefunds userId={userId} />
    <UserPlays userId={userId} />
  </Page>
)
