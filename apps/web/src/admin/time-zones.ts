import { isTimeZone } from '@pay-to-view/purchase'

/**
 * Time zones that browsers list by an old name, with their current names in the IANA database. Intl has no list of current names.
 * Browsers and the API accept both.
 */
const currentNames: Readonly<Record<string, string>> = {
  'Africa/Asmera': 'Africa/Asmara',
  'America/Buenos_Aires': 'America/Argentina/Buenos_Aires',
  'America/Catamarca': 'America/Argentina/Catamarca',
  'America/Coral_Harbour': 'America/Atikokan',
  'America/Cordoba': 'America/Argentina/Cordoba',
  'America/Godthab': 'America/Nuuk',
  'America/Indianapolis': 'America/Indiana/Indianapolis',
  'America/Jujuy': 'America/Argentina/Jujuy',
  'America/Louisville': 'America/Kentucky/Louisville',
  'America/Mendoza': 'America/Argentina/Mendoza',
  'Asia/Calcutta': 'Asia/Kolkata',
  'Asia/Katmandu': 'Asia/Kathmandu',
  'Asia/Rangoon': 'Asia/Yangon',
  'Asia/Saigon': 'Asia/Ho_Chi_Minh',
  'Atlantic/Faeroe': 'Atlantic/Faroe',
  'Europe/Kiev': 'Europe/Kyiv',
  'Pacific/Enderbury': 'Pacific/Kanton',
  'Pacific/Ponape': 'Pacific/Pohnpei',
  'Pacific/Truk': 'Pacific/Chuuk',
}

/** The current name of a time zone: `Asia/Calcutta` -> `Asia/Kolkata`. An old browser may know only the old name. */
export const currentName = (zone: string): string => {
  const name = currentNames[zone]
  return name !== undefined && isTimeZone(name) ? name : zone
}

/** The names of all time zones, and `also`, in alphabetical order. */
export const timeZoneNames = (also: string): string[] =>
  [...new Set([...Intl.supportedValuesOf('timeZone').map(currentName), 'UTC', also])].sort()

/** The browser's time zone. Some browsers do not report a named time zone. */
export const ownTimeZone = (): string => {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions()
  return isTimeZone(timeZone) ? currentName(timeZone) : 'UTC'
}
