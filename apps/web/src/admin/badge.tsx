/** A purchase's status, with what makes an operator look twice. */
export const Badge = ({
  purchase: { status, hasAccess, processing, mismatch },
}: {
  purchase: { status: string; hasAccess: boolean; processing: boolean; mismatch: string | null }
}) => (
  <>
    <span className={`badge ${hasAccess ? 'good' : ''}`}>{status}</span>
    {processing && <span className="badge">processing</span>}
    {mismatch && <span className="badge bad">not as quoted: {mismatch}</span>}
  </>
)
