import { useCountdown } from '@pay-to-view/react'
import { formatCountdown } from '../format.ts'

/**
 * The time left until `to`. Screen readers do not announce each change, because the text next to it already states the time.
 * Renders `over` when the time is up, even if the server has not changed the access yet.
 */
export const CountdownTo = ({ to, before, over }: { to: string; before: string; over: string }) => {
  const countdown = useCountdown(to)
  return (
    <span role="timer" className="countdown">
      {countdown === null ? over : `${before} ${formatCountdown(countdown)}`}
    </span>
  )
}
