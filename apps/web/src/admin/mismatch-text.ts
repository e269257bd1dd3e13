const texts: Partial<Record<string, string>> = {
  currency: 'It was paid in a different currency.',
  amount: 'The price before discount and tax differs from the quote.',
  discount: 'The quote does not allow this discount.',
  tax: 'The quote does not allow this tax.',
  total: "The amount received isn't the price minus the discount, plus the tax.",
  user: 'The checkout belongs to a different user.',
  entity: 'The checkout is for a different title.',
}

/** Explains how a payment does not match its quote. */
export const mismatchText = (mismatch: string): string => texts[mismatch] ?? `Mismatch: ${mismatch}.`
