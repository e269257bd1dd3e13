import { isTimeZone } from '@pay-to-view/purchase'

/**
 * The current IANA names of the time zones that browsers list under an old name. Intl does not provide these names. Browsers
 * and the API accept both the old and the current names.
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

/** Returns a time zone's current name: `Asia/Calcutta` -> `Asia/Kolkata`. An old browser may not know the current name. */
export const currentName = (zone: string): string => {
  const name = currentNames[zone]
  return name !== undefined && isTimeZone(name) ? name : zone
}

/** The names of all time zones, including `also`, in alphabetical order. */
export const timeZoneNames = (also: string): string[] =>
  [...new Set([...Intl.supportedValuesOf('timeZone').map(currentName), 'UTC', also])].sort()

/** The browser's time zone, or UTC if the browser does not report a named time zone. */
export const ownTimeZone = (): string => {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions()
  return isTimeZone(timeZone) ? currentName(timeZone) : 'UTC'
}
