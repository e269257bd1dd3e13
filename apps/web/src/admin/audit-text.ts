const texts: Partial<Record<string, string>> = {
  'entity.pre_sold_moved': 'date changed, including for access that was bought in advance',
  'entity.move_finished': 'finished sending messages about the new date',
  'entity.access_extended': 'extension of all access requested',
  'entity.extension_finished': 'extension of all access finished',
}

/** Describes a change in the audit log: `entity.updated` is shown as `title updated`. */
export const auditText = (action: string): string =>
  texts[action] ?? action.replace(/^entity\./, 'title.').replaceAll(/[._]/g, ' ')
