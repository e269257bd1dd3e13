import { existsSync } from 'node:fs'
import { z } from 'zod'
import type { MailSite } from './mail-data.ts'

const isMailServer = (text: string): boolean => URL.canParse(text) && /^smtps?:$/.test(new URL(text).protocol)

const isTimeZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

const link = z.url({ protocol: /^https?$/, error: 'Expected an address such as https://www.example.com/terms' })

/** The environment variables of the worker, which sends the e-mails. */
export const emailEnvironment = {
  SMTP_URL: z
    .string()
    .refine(isMailServer, 'Expected smtp://user:password@host:port or smtps://…')
    .optional()
    .describe(
      'Mail server that sends e-mails to buyers: `smtps://user:password@host`, or `smtp://…`, which uses STARTTLS. If not set, no e-mails are sent (docs/email.md)',
    ),
  EMAIL_FROM: z
    .string()
    .regex(
      /^(?:[^<>\r\n]*<[^<>\s@]+@[^<>\s@]+>|[^<>\s@]+@[^<>\s@]+)$/,
      'Expected an address, such as Cinema <tickets@example.com>',
    )
    .optional()
    .describe('Sender of the e-mails, such as `Cinema <tickets@example.com>`; required with SMTP_URL'),
  EMAIL_REPLY_TO: z
    .email('Expected an e-mail address')
    .optional()
    .describe('Address for replies to the e-mails; default: EMAIL_FROM'),
  EMAIL_SITE_NAME: z.string().trim().min(1).optional().describe('Name of the site in its e-mails; required with SMTP_URL'),
  EMAIL_SITE_URL: link
    .optional()
    .describe(
      'Page that the "Watch now" button opens, such as `https://www.example.com/watch/{entityId}`; if not set, e-mails have no button',
    ),
  EMAIL_COLOR: z
    .string()
    .regex(/^#(?:[0-9a-fA-F]{3}){1,2}$/, 'Expected a color such as #1d4ed8')
    .default('#1d4ed8')
    .describe('Color of the line below the site name, the button and the links in e-mails'),
  EMAIL_ADDRESS: z
    .string()
    .transform((text) => text.replaceAll('\\n', '\n'))
    .optional()
    .describe('Name and postal address of the seller, shown at the end of each e-mail; `\\n` starts a new line'),
  EMAIL_TERMS_URL: link.optional().describe("Page with the site's terms, to which e-mails link"),
  EMAIL_TERMS_FILE: z
    .string()
    .refine(existsSync, 'Expected an existing file')
    .optional()
    .describe('File with the terms, such as a PDF, that is attached to purchase confirmations'),
  EMAIL_LANGUAGE: z
    .string()
    .default('en')
    .describe('Language of e-mails to buyers whose language is unknown: en, de or a language in EMAIL_TEMPLATES'),
  EMAIL_TIME_ZONE: z
    .string()
    .refine(isTimeZone, 'Expected a time zone such as Europe/Berlin')
    .default('UTC')
    .describe('Time zone of the times in e-mails, such as Europe/Berlin'),
  EMAIL_TEMPLATES: z
    .string()
    .refine(existsSync, 'Expected an existing folder')
    .optional()
    .describe('Folder with templates and texts that replace the built-in ones'),
  EMAILS_PER_SECOND: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(10)
    .describe('Maximum number of e-mails per second, per worker'),
  EMAILS_AT_ONCE: z.coerce
    .number()
    .int()
    .min(1)
    .max(10)
    .default(5)
    .describe('Maximum number of connections to the mail server, per worker'),
}

const settings = z.object(emailEnvironment)
export type EmailSettings = z.infer<typeof settings>

/** A check for `refine`: e-mails need a sender and a site name. */
export const hasSender = ({ SMTP_URL, EMAIL_FROM, EMAIL_SITE_NAME }: Partial<EmailSettings>): boolean =>
  SMTP_URL === undefined || (EMAIL_FROM !== undefined && EMAIL_SITE_NAME !== undefined)

export const withoutSender = { path: ['EMAIL_FROM'], message: 'Expected EMAIL_FROM and EMAIL_SITE_NAME together with SMTP_URL' }

export const siteOf = (env: EmailSettings): MailSite => ({
  name: env.EMAIL_SITE_NAME ?? '',
  url: env.EMAIL_SITE_URL ?? null,
  color: env.EMAIL_COLOR,
  address: env.EMAIL_ADDRESS ?? null,
  termsUrl: env.EMAIL_TERMS_URL ?? null,
})
