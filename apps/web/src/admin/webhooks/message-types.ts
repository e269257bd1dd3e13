import { webhookMessageTypes } from '@pay-to-view/purchase'

/** The types that an operator can choose; `*` is all of them, including those added by later versions. */
export const selectableTypes = ['*', ...webhookMessageTypes] as const

export const typeLabel = (type: string): string => (type === '*' ? 'All, including types added in later versions' : type)

/** The selected types of a form, whose checkboxes are named after them. */
export const selectedTypes = (form: FormData): (typeof selectableTypes)[number][] => {
  const selected = selectableTypes.filter((type) => form.has(type))
  return selected.includes('*') ? ['*'] : selected
}
