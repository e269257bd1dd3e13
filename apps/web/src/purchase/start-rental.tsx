import { formatCount } from '../format.ts'

interface StartRentalProps {
  title: string
  watchWithinHours: number
  onStart: () => void
}

/**
 * Shown in place of the player until the viewer starts a rental: the first playback token starts the rental's hours, so no token
 * is requested before that.
 */
export const StartRental = ({ title, watchWithinHours, onStart }: StartRentalProps) => (
  <div className="player start-rental">
    <button type="button" aria-describedby="rental-terms" onClick={onStart}>
      <span aria-hidden="true">▶</span> Start watching<span className="visually-hidden"> {title}</span>
    </button>
    <p id="rental-terms">You then have {formatCount(watchWithinHours, 'hour')} to watch it.</p>
  </div>
)
