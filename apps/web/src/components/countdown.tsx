import { useCountdown } from '@pay-to-view/react'
import { formatCountdown } from '../format.ts'

/**
 * The time left until `to`. Screen readers read it on request only: the text next to it says the time once. Renders `over` when the time has come,
 * which may be before or after the server changes the access.
 */
export const CountdownTo = ({ to, before, over }: { to: string; before: string; over: string }) => {
  const countdown = useCountdown(to)
  return (
    <span role="timer" className="countdown">
      {countdown === null ? over : `${before} ${formatCountdown(countdown)}`}
    </span>
  )
}
