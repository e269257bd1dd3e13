import { type EmailType, webhookMessageTypes } from '@pay-to-view/purchase'

/** The types that an operator can choose; `*` is all of them, including those added by later versions. */
export const selectableTypes = ['*', ...webhookMessageTypes] as const

export const typeLabel = (type: string): string => (type === '*' ? 'All, including types added in later versions' : type)

const emailNames: Record<EmailType, string> = {
  'email.purchase_completed': 'Confirmation of the purchase',
  'email.refunded': 'Refund',
  'email.access_ending': 'Access ends soon',
  'email.event_starting': 'Live event starts soon',
  'email.event_moved': 'Live event was moved',
  'email.event_canceled': 'Live event was canceled',
}
const isEmailType = (type: string): type is EmailType => type in emailNames

/** E-mails have names; messages to endpoints have the types that the site's programs know. */
export const messageName = (type: string): string => (isEmailType(type) ? emailNames[type] : type)

/** The selected types of a form, whose checkboxes are named after them. */
export const selectedTypes = (form: FormData): (typeof selectableTypes)[number][] => {
  const selected = selectableTypes.filter((type) => form.has(type))
  return selected.includes('*') ? ['*'] : selected
}
