import { type Countdown, useCountdown } from '@pay-to-view/react'
import { formatCount } from '../format.ts'

/** The two largest units: `2 days, 3 hours`, and seconds only in the last hour. */
export const formatCountdown = ({ days, hours, minutes, seconds }: Countdown): string => {
  const units = [
    [days, 'day'],
    [hours, 'hour'],
    [minutes, 'minute'],
    [seconds, 'second'],
  ] as const
  const first = units.findIndex(([count]) => count > 0)
  return units
    .slice(first, first + 2)
    .flatMap(([count, unit]) => (count > 0 ? [formatCount(count, unit)] : []))
    .join(', ')
}

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
