import { formatDateTime } from '../../format.ts'
import type { Endpoint } from './endpoint-form.tsx'

const reasons: Partial<Record<string, string>> = {
  gone: 'it responded with 410',
  failing: 'no successful attempt for five days',
}

/** Shows whether an endpoint gets messages and, if not, why. */
export const EndpointStatus = ({ endpoint }: { endpoint: Endpoint }) => {
  const { enabled, disabledReason, failingSince } = endpoint
  if (!enabled) {
    const reason = disabledReason === null ? undefined : reasons[disabledReason]
    return <span className="badge bad">{reason === undefined ? 'Disabled' : `Disabled: ${reason}`}</span>
  }
  return failingSince === null ? (
    <span className="badge">Enabled</span>
  ) : (
    <span className="badge bad">Failing since {formatDateTime(failingSince)}</span>
  )
}
