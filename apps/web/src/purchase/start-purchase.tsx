/**
 * Shown in place of the player if the first playback ends the right of withdrawal, so that playback never starts without a click.
 */
export const StartPurchase = ({ title, onStart }: { title: string; onStart: () => void }) => (
  <div className="player start-rental">
    <button type="button" aria-describedby="start-terms" onClick={onStart}>
      <span aria-hidden="true">▶</span> Start watching<span className="visually-hidden"> {title}</span>
    </button>
    <p id="start-terms">Your right of withdrawal ends when you first start to watch.</p>
  </div>
)
