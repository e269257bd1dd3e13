import { Eta } from 'eta'
import { type MailName, mailNames } from './languages/index.ts'
import type { MailData, MailSite } from './mail-data.ts'
import { type MailView, mailView } from './mail-view.ts'
import { sampleMails } from './samples.ts'
import type { Templates } from './template-files.ts'

export interface RenderedMail {
  subject: string
  html: string
  text: string
  /** The language tag of the texts. */
  language: string
}

export interface RendererOptions {
  site: MailSite
  templates: Templates
  /** The language code, such as `en`, for users whose language has no texts. */
  defaultLanguage: string
  timeZone: string
}

export type Renderer = ReturnType<typeof createRenderer>

const isLocale = (tag: string): boolean => {
  try {
    return Intl.getCanonicalLocales(tag).length === 1
  } catch {
    return false
  }
}

/** Chooses the language, for example the first of `de-AT` and `de` that has texts. Also returns the tag for formatting dates. */
const chooseLanguage = (known: readonly string[], locale: string | null, fallback: string): { code: string; locale: string } => {
  if (locale !== null && isLocale(locale)) {
    const [base = ''] = locale.toLowerCase().split('-')
    const code = known.find((name) => name.toLowerCase() === locale.toLowerCase()) ?? known.find((name) => name === base)
    if (code !== undefined) return { code, locale }
  }
  return { code: fallback, locale: fallback }
}

/** Renders e-mails as they are sent at `now`. If a site's template or language is unusable, throws immediately, before any e-mail is due. */
export const createRenderer = ({ site, templates, defaultLanguage, timeZone }: RendererOptions) => {
  const { languages } = templates
  if (!languages[defaultLanguage])
    throw new Error(
      `EMAIL_LANGUAGE: Expected one of ${Object.keys(languages).join(', ')}; other languages need a file (docs/email.md)`,
    )
  const escaping = new Eta()
  const plain = new Eta({ autoEscape: false })
  const compiled = new Map(
    mailNames.map((name) => [name, { html: escaping.compile(templates.html(name)), text: plain.compile(templates.text(name)) }]),
  )

  const renderView = (name: MailName, view: MailView): { html: string; text: string } => {
    const template = compiled.get(name)
    if (!template) throw new Error(`There is no template for ${name}`)
    return {
      html: escaping.render(template.html, view),
      text: plain.render(template.text, view).replaceAll(/\n{3,}/g, '\n\n'),
    }
  }

  const render = (data: MailData, locale: string | null, now = new Date()): RenderedMail => {
    const chosen = chooseLanguage(Object.keys(languages), locale, defaultLanguage)
    const language = languages[chosen.code]
    if (!language) throw new Error(`There are no texts in ${chosen.code}`)
    const view = mailView(data, { site, language, locale: chosen.locale, timeZone, now })
    return { subject: view.subject, language: chosen.locale, ...renderView(view.name, view) }
  }

  for (const data of sampleMails()) for (const code of Object.keys(languages)) render(data, code)
  return render
}
