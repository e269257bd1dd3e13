/** The exported terms of a product. */
export interface ExportedTerms {
  prices: readonly { currency: string; amount: number }[]
  accessDurationDays: number | null
  rental: { startWithinDays: number; watchWithinHours: number } | null
}

/** An exported entity, with the terms of the products that are offered for it. */
export interface ExportedEntity {
  id: string
  type: string
  title: string
  description: string
  imageUrl: string | null
  durationSeconds: number | null
  status: string
  availableFrom: string | null
  availableUntil: string | null
  memberOf: readonly { id: string; position: number | null }[]
  playback: Readonly<Record<string, string | number>> | null
  metadata: Readonly<Record<string, string>>
  products: readonly ExportedTerms[]
}
