/** Payment methods that settle days later. */
const DEBITS = ['sepa_debit', 'us_bank_account'] as const
/** Payment methods that send the buyer to another website. */
const REDIRECTS = ['amazon_pay', 'ideal'] as const

export const METHOD_TYPES = ['card', ...DEBITS, ...REDIRECTS] as const
export type MethodType = (typeof METHOD_TYPES)[number]

export const isDebit = (type: string): type is (typeof DEBITS)[number] => DEBITS.some((debit) => debit === type)
export const isRedirect = (type: string): type is (typeof REDIRECTS)[number] => REDIRECTS.some((redirect) => redirect === type)

const LABELS: Record<MethodType, string> = {
  card: 'Card',
  sepa_debit: 'Bank debit',
  us_bank_account: 'Bank debit',
  amazon_pay: 'Amazon Pay',
  ideal: 'iDEAL',
}

export const methodLabel = (type: MethodType): string => LABELS[type]
export const isMethodType = (type: string): type is MethodType => METHOD_TYPES.some((known) => known === type)
