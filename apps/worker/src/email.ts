import { type Db, disableEmail, enableEmail } from '@pay-to-view/db'
import { createMailer, createRenderer, readTemplates } from '@pay-to-view/email'
import { type EmailSettings, siteOf } from '@pay-to-view/email/environment'
import type { Log } from '@pay-to-view/telemetry'
import type { EmailDeps } from '@pay-to-view/temporal/webhook-worker'

/**
 * Creates the e-mail sender; returns null without SMTP_URL. Exits if a template is invalid. If the mail server is down or rejects the
 * login, this is only logged, because e-mails can wait but purchases cannot.
 */
export const createEmail = (
  env: EmailSettings,
  stripe: EmailDeps['stripe'],
  log: Pick<Log, 'warn'>,
): (EmailDeps & { close: () => void }) | null => {
  const { SMTP_URL: url, EMAIL_FROM: from } = env
  if (url === undefined || from === undefined) return null
  try {
    const render = createRenderer({
      site: siteOf(env),
      templates: readTemplates(env.EMAIL_TEMPLATES),
      defaultLanguage: env.EMAIL_LANGUAGE,
      timeZone: env.EMAIL_TIME_ZONE,
    })
    const mailer = createMailer({ url, from, replyTo: env.EMAIL_REPLY_TO, termsFile: env.EMAIL_TERMS_FILE })
    mailer.verify().catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : 'unknown'
      log.warn(
        { reason },
        'e-mails wait until SMTP_URL is corrected or the mail server is available again; test it with npm run email -- test',
      )
    })
    return { stripe, render, mailer, close: mailer.close }
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\nThe Temporal worker does not start.`)
    process.exit(2)
  }
}

/** The delay before the next attempt if the database is unavailable. */
const retryMs = 5_000

/**
 * Turns the recording of e-mails on or off. The setting is in the database, because other processes also record e-mails. Retries until the
 * database is available.
 */
export const recordEmails = async (db: Db, env: EmailSettings, log: Log, signal: AbortSignal): Promise<void> => {
  const limits = { maxPerSecond: env.EMAILS_PER_SECOND, maxConcurrent: env.EMAILS_AT_ONCE }
  while (!signal.aborted) {
    try {
      await (env.SMTP_URL === undefined ? disableEmail(db) : enableEmail(db, limits))
      return
    } catch (err) {
      log.warn({ err }, 'e-mail could not be switched on or off; retrying')
      await new Promise((resolve) => setTimeout(resolve, retryMs).unref())
    }
  }
}
