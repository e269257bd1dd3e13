import { statusText } from './status-text.ts'

/** A purchase's status and anything else that an operator should notice. */
export const StatusBadges = ({
  purchase: { status, hasAccess, processing, mismatch },
}: {
  purchase: { status: string; hasAccess: boolean; processing: boolean; mismatch: string | null }
}) => (
  <>
    <span className={`badge ${hasAccess ? 'good' : ''}`}>{statusText(status)}</span>{' '}
    {processing && <span className="badge">processing</span>}{' '}
    {mismatch && <span className="badge bad">mismatch: {mismatch}</span>}{' '}
  </>
)
