import { formatCount } from '../format.ts'

interface StartPlaybackProps {
  title: string
  /** The length of a rental, which starts with the first playback. Null for other access. */
  watchWithinHours: number | null
  /** Whether the first playback ends the right of withdrawal. */
  endsWithdrawal: boolean
  onStart: () => void
}

/**
 * Replaces the player until the user starts playback, if the first playback token starts a rental period or ends the right of
 * withdrawal. No token is requested until then.
 */
export const StartPlayback = ({ title, watchWithinHours, endsWithdrawal, onStart }: StartPlaybackProps) => (
  <div className="player start-rental">
    <button type="button" aria-describedby="start-terms" onClick={onStart}>
      <span aria-hidden="true">▶</span> Start watching<span className="visually-hidden"> {title}</span>
    </button>
    <div id="start-terms">
      {watchWithinHours !== null && <p>You then have {formatCount(watchWithinHours, 'hour')} to watch it.</p>}
      {endsWithdrawal && <p>Your right of withdrawal ends when you start watching.</p>}
    </div>
  </div>
)
