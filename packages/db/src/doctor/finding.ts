/** A violated invariant. `broken`: money or access is wrong. `late`: something should have happened by now. */
export interface Finding {
  level: 'broken' | 'late'
  rule: string
  /** The id of the affected purchase, event, user or entity. */
  id: string
  detail: string
}
