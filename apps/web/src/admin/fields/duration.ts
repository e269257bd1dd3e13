/** `5640` -> `1:34:00`. Returns an empty string if there is no duration. */
export const durationFieldValue = (seconds: number | null): string => {
  if (seconds === null) return ''
  const twoDigits = (value: number): string => String(value).padStart(2, '0')
  return `${Math.floor(seconds / 3600)}:${twoDigits(Math.floor(seconds / 60) % 60)}:${twoDigits(seconds % 60)}`
}

/** Parses `1:34:00` or `94:00` into seconds. Returns null for an empty string and undefined for invalid text. */
export const parseDuration = (text: string): number | null | undefined => {
  if (text.trim() === '') return null
  const [, hours = '0', minutes = '', seconds = ''] = /^(?:(\d{1,4}):)?(\d{1,4}):(\d{2})$/.exec(text.trim()) ?? []
  const isClock = seconds !== '' && Number(seconds) < 60 && (hours === '0' || Number(minutes) < 60)
  const total = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
  return isClock && total > 0 ? total : undefined
}
