import type { Readable } from 'node:stream'
import PostalMime from 'postal-mime'
import { SMTPServer } from 'smtp-server'

/** An e-mail that the local mail server has accepted. */
export interface ReceivedMail {
  /** The number of the e-mail, counted from 1. */
  number: number
  receivedAt: Date
  messageId: string
  from: string
  to: string
  subject: string
  language: string
  text: string
  html: string
  attachments: string[]
}

/** How to reject an e-mail. An SMTP status of 4xx rejects the e-mail temporarily, and 5xx rejects it permanently. Null accepts the e-mail. */
export type Rejection = { status: number; message: string } | null

const maxMails = 500
const maxBytes = 10_000_000

const rejectionError = ({ status, message }: NonNullable<Rejection>): Error =>
  Object.assign(new Error(message), { responseCode: status })

const read = async (stream: Readable): Promise<Buffer> => {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

const parse = async (content: Buffer, number: number): Promise<ReceivedMail> => {
  const mail = await PostalMime.parse(content)
  const header = (name: string): string => mail.headers.find(({ key }) => key === name)?.value ?? ''
  return {
    ...{ number, receivedAt: new Date(), messageId: mail.messageId ?? '', subject: mail.subject ?? '' },
    ...{ from: header('from'), to: header('to'), language: header('content-language') },
    ...{ text: mail.text ?? '', html: mail.html ?? '', attachments: mail.attachments.map(({ filename }) => filename ?? '') },
  }
}

/**
 * An SMTP server for development and tests. It keeps the latest e-mails in memory and never forwards an e-mail. `reject` is called for each
 * recipient; by default, every recipient is accepted. `onMail` is called before an e-mail is accepted.
 */
export const startMailbox = async (
  port: number,
  reject: (recipient: string) => Rejection = () => null,
  onMail: (mail: ReceivedMail) => void = () => undefined,
) => {
  const mails: ReceivedMail[] = []
  let count = 0
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    size: maxBytes,
    closeTimeout: 100,
    onAuth: (auth, _session, done) => done(null, { user: auth.username ?? '' }),
    onRcptTo: ({ address }, _session, done) => {
      const rejection = reject(address)
      done(rejection && rejectionError(rejection))
    },
    onData: (stream, _session, done) => {
      read(stream)
        .then((content) => parse(content, ++count))
        .then((mail) => {
          onMail(mail)
          mails.unshift(mail)
          mails.splice(maxMails)
          done()
        })
        .catch((error: unknown) => done(error instanceof Error ? error : new Error(String(error))))
    },
  })
  // This error occurs when a client closes its connection early.
  server.on('error', () => undefined)
  await new Promise<void>((resolve, fail) => {
    server.once('error', fail)
    server.listen(port, '127.0.0.1', () => resolve())
  })
  const address = server.server.address()
  if (typeof address !== 'object' || address === null) throw new Error('The mail server has no port')
  return {
    url: `smtp://127.0.0.1:${address.port}`,
    /** The e-mails, newest first. */
    mails: mails as readonly ReceivedMail[],
    stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}

export type Mailbox = Awaited<ReturnType<typeof startMailbox>>
