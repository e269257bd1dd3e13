import { de } from './de.ts'
import { en } from './en.ts'
import type { Language } from './texts.ts'

export { type Language, type MailName, mailNames } from './texts.ts'

/** The languages of the e-mails, by language code. A site can add more languages in its templates folder. */
export const languages: Readonly<Record<string, Language>> = { en, de }
