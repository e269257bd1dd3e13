import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { htmlTemplate, textTemplate } from './default-templates.ts'
import { type Language, languages, type MailName, mailNames } from './languages/index.ts'

// A site's folder may contain `mail.html.eta` and `mail.text.eta` for all e-mails, `NAME.html.eta` and `NAME.text.eta` for a single e-mail,
// and `LANGUAGE.json` with texts. Defaults are used for everything else.

/** The templates for each e-mail, and the languages by code. */
export interface Templates {
  html: (name: MailName) => string
  text: (name: MailName) => string
  languages: Readonly<Record<string, Language>>
}

const mailTexts = z.strictObject({
  subject: z.string().optional(),
  heading: z.string().optional(),
  paragraphs: z.array(z.string()).optional(),
})

const languageFile = z.strictObject({
  mails: z.partialRecord(z.enum(mailNames), mailTexts).default({}),
  labels: z.record(z.string(), z.string()).default({}),
})

const merge = (base: Language, { mails, labels }: z.infer<typeof languageFile>): Language => {
  const merged: Language = { mails: { ...base.mails }, labels: { ...base.labels, ...labels } }
  for (const name of mailNames) {
    const { subject, heading, paragraphs } = { ...base.mails[name], ...mails[name] }
    const own = base.mails[name]
    merged.mails[name] = {
      subject: subject ?? own.subject,
      heading: heading ?? own.heading,
      paragraphs: paragraphs ?? own.paragraphs,
    }
  }
  return merged
}

const readLanguage = (file: string, code: string): Language => {
  const base = languages[code] ?? languages.en
  if (!base) throw new Error('English is missing')
  try {
    return merge(base, languageFile.parse(JSON.parse(readFileSync(file, 'utf8'))))
  } catch (error) {
    throw new Error(`${file}: ${error instanceof z.ZodError ? z.prettifyError(error) : String(error)}`)
  }
}

const templateNames = new Set(['mail', ...mailNames].flatMap((name) => [`${name}.html.eta`, `${name}.text.eta`]))

/** Reads a site's folder. If a file is unknown or cannot be read, throws an error that names the file. */
export const readTemplates = (folder: string | undefined): Templates => {
  const files = new Map<string, string>()
  const own: Record<string, Language> = {}
  for (const name of folder === undefined ? [] : readdirSync(folder)) {
    const file = path.join(folder ?? '', name)
    const code = /^([a-z]{2,3}(?:-[A-Za-z0-9]+)*)\.json$/.exec(name)?.[1]
    if (code !== undefined) own[code] = readLanguage(file, code)
    else if (templateNames.has(name)) files.set(name, readFileSync(file, 'utf8'))
    else throw new Error(`${file}: Expected LANGUAGE.json or one of ${[...templateNames].join(', ')}`)
  }
  return {
    html: (name) => files.get(`${name}.html.eta`) ?? files.get('mail.html.eta') ?? htmlTemplate,
    text: (name) => files.get(`${name}.text.eta`) ?? files.get('mail.text.eta') ?? textTemplate,
    languages: { ...languages, ...own },
  }
}

/** Writes the default templates and texts as a starting point for a site's own files. Never overwrites a file. */
export const writeDefaultTemplates = (folder: string): string[] => {
  mkdirSync(folder, { recursive: true })
  const files: Record<string, string> = { 'mail.html.eta': htmlTemplate, 'mail.text.eta': textTemplate }
  for (const [code, language] of Object.entries(languages)) files[`${code}.json`] = `${JSON.stringify(language, null, 2)}\n`
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content, { flag: 'wx' })
  return Object.keys(files)
}
