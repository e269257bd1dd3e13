import { type EmailType, webhookMessageTypes } from '@pay-to-view/purchase'

/** The message types that an operator can select. `*` means all types, including types that later versions add. */
export const selectableTypes = ['*', ...webhookMessageTypes] as const

export const typeLabel = (type: string): string => (type === '*' ? 'All, including types added in later versions' : type)

const emailNames: Record<EmailType, string> = {
  'email.purchase_completed': 'Confirmation of the purchase',
  'email.withdrawn': 'Acknowledgment of the withdrawal',
  'email.refunded': 'Refund',
  'email.access_ending': 'Access ends soon',
  'email.event_starting': 'Live event starts soon',
  'email.event_moved': 'Live event was moved',
  'email.event_canceled': 'Live event was canceled',
}
const isEmailType = (type: string): type is EmailType => type in emailNames

/**
 * Returns the display name of a message. E-mails have a name. A message to an endpoint is shown by its type, because the site's
 * programs use the type.
 */
export const messageName = (type: string): string => (isEmailType(type) ? emailNames[type] : type)

/** Returns the types selected in a form. Each checkbox is named after its type. */
export const selectedTypes = (form: FormData): (typeof selectableTypes)[number][] => {
  const selected = selectableTypes.filter((type) => form.has(type))
  return selected.includes('*') ? ['*'] : selected
}
