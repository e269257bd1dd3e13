/** Formats a purchase's status: `ChargedBack` is shown as `Charged back`. */
export const statusText = (status: string): string =>
  status.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
