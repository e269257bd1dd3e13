import { useCountdown } from '@pay-to-view/react'
import { formatCountdown } from '../format.ts'

/**
 * The time left until `to`. Screen readers read it only on request, because the text next to it already states the time. Renders
 * `over` when the time is up, which may be before or after the server changes the access.
 */
export const CountdownTo = ({ to, before, over }: { to: string; before: string; over: string }) => {
  const countdown = useCountdown(to)
  return (
    <span role="timer" className="countdown">
      {countdown === null ? over : `${before} ${formatCountdown(countdown)}`}
    </span>
  )
}
