import { CountdownTo } from '../components/countdown.tsx'

/** Shown until the user's access starts. The server pushes the start of access, and the page then shows the player. */
export const Upcoming = ({ startsAt }: { startsAt: string }) => (
  <>
    <p className="upcoming-time">
      <CountdownTo to={startsAt} before="Starts in" over="Starting…" />
    </p>
    <p className="muted">You can leave this page open. The title opens here automatically.</p>
  </>
)
