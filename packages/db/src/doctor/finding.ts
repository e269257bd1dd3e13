/** An invariant that does not hold. `broken`: money or access is wrong. `late`: something should have happened by now. */
export interface Finding {
  level: 'broken' | 'late'
  rule: string
  /** The purchase, event, user or entity that it is about. */
  id: string
  detail: string
}
