import { createTransport } from 'nodemailer'
import type { RenderedMail } from './create-renderer.ts'

export interface MailerOptions {
  /** `smtp://` or `smtps://`, with user and password. */
  url: string
  /** `Cinema <tickets@example.com>` */
  from: string
  replyTo?: string | undefined
  /** A file, such as the terms, that is attached to purchase confirmations. */
  termsFile?: string | undefined
}

export interface OutgoingMail extends RenderedMail {
  /** The id is identical for every attempt, so mail programs that receive an e-mail twice show it once. */
  id: string
  to: string
  attachesTerms: boolean
}

/**
 * The outcome of one attempt. `rejected`: this e-mail will never be accepted, for example because the address is unknown. `failed`: a later
 * attempt may succeed, because the cause is the server, the network or our configuration. `error` contains only codes, because the server's
 * text may contain the address.
 */
export type MailOutcome =
  | { result: 'sent'; status: number }
  | { result: 'rejected' | 'failed'; status: number | null; error: string }

/** These timeouts are shorter than the activity's timeout. */
const timeouts = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000, dnsTimeout: 10_000 }

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)

/** `550 5.1.1 <ann@example.com>: unknown` -> `5.1.1` */
const enhancedCode = (response: string | null): string | null =>
  /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b/.exec(response ?? '')?.[1] ?? null

/**
 * Whether a rejection is about the address (5.1), its mailbox (5.2), or the content (5.3.4, 5.6). Any other rejection, such as 5.7 or a
 * rejection without a code, may be about our configuration: a server that does not relay for us would reject every buyer's e-mails.
 */
const isAboutRecipient = (code: string | null): boolean => code !== null && /^5\.(?:1|2|6)\.|^5\.3\.4$/.test(code)

/** Splits `Cinema, Bar <tickets@example.com>` into name and address, because the comma would otherwise separate two addresses. */
const parseSender = (from: string): { name: string; address: string } => {
  const [, name = '', address = from] = /^(.*?)\s*<([^<>]+)>$/.exec(from.trim()) ?? []
  return { name: name.replace(/^"(.*)"$/, '$1'), address }
}

const describe = (error: object): Extract<MailOutcome, { error: string }> => {
  const { code, command, responseCode, response }: Record<string, unknown> = { ...error }
  const status = typeof responseCode === 'number' ? responseCode : null
  // Only the verb of the command is kept, because the command's parameters may contain the address.
  const [verb] = (textOf(command) ?? '').split(':')
  const detail = enhancedCode(textOf(response))
  const parts = [status === null ? textOf(code) : String(status), detail, verb ? `at ${verb}` : null]
  // A rejected sender or login is an error in our configuration, so the e-mails wait until the configuration is corrected.
  const isPermanent = (verb === 'RCPT TO' || verb === 'DATA') && isAboutRecipient(detail)
  return {
    result: isPermanent ? 'rejected' : 'failed',
    status,
    error: parts.filter((part) => part !== null).join(' ') || 'The mail server could not be reached',
  }
}

/** Whether TLS is required: a password must not be sent to another machine unencrypted. */
export const requiresTls = (url: string): boolean => {
  const { hostname, username, protocol } = new URL(url)
  return protocol === 'smtp:' && username !== '' && !['localhost', '127.0.0.1', '[::1]'].includes(hostname)
}

export type Mailer = ReturnType<typeof createMailer>

/** Sends e-mails by SMTP. */
export const createMailer = ({ url, from, replyTo, termsFile }: MailerOptions) => {
  const sender = parseSender(from)
  const domain = sender.address.split('@').at(-1) ?? 'localhost'
  const transport = createTransport({
    url,
    ...timeouts,
    pool: true,
    maxConnections: 10,
    requireTLS: requiresTls(url),
    disableUrlAccess: true,
  })

  return {
    /** Makes one attempt. A failure is returned as the outcome, not thrown. */
    send: async ({ id, to, subject, html, text, language, attachesTerms }: OutgoingMail): Promise<MailOutcome> => {
      try {
        const sent = await transport.sendMail({
          ...{ from: sender, to: { name: '', address: to }, subject, html, text },
          ...(replyTo !== undefined && { replyTo }),
          messageId: `<${id}@${domain}>`,
          headers: {
            'Content-Language': language,
            // Suppresses out-of-office replies, which would go to the site.
            'Auto-Submitted': 'auto-generated',
            'X-Auto-Response-Suppress': 'All',
          },
          attachments: attachesTerms && termsFile !== undefined ? [{ path: termsFile }] : [],
        })
        return { result: 'sent', status: Number(/^\d{3}/.exec(sent.response)?.[0] ?? 250) }
      } catch (error) {
        return describe(typeof error === 'object' && error !== null ? error : {})
      }
    },

    /** Checks the connection and the login. If either fails, throws an error that does not contain the password. */
    verify: async (): Promise<void> => {
      try {
        await transport.verify()
      } catch (error) {
        throw new Error(`The mail server does not accept the connection: ${describe(Object(error)).error}`)
      }
    },

    close: (): void => transport.close(),
  }
}
