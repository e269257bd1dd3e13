import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createMailer, createRenderer, readTemplates, writeDefaultTemplates } from '@pay-to-view/email'
import { siteOf } from '@pay-to-view/email/environment'
import { sampleMails } from '@pay-to-view/email/samples'
import { type Command, Option } from 'commander'
import { z } from 'zod'
import { environments, invocationFolder, readEnvironment } from './env.ts'
import { parseWith } from './options.ts'

type Env = ReturnType<typeof readEnvironment<typeof environments.email>>

const rendererOf = (env: Env) =>
  createRenderer({
    site: siteOf(env),
    templates: readTemplates(env.EMAIL_TEMPLATES),
    defaultLanguage: env.EMAIL_LANGUAGE,
    timeZone: env.EMAIL_TIME_ZONE,
  })

/** Writes pay-to-view's e-mail templates and texts to a folder, so that a site can change them. */
const writeTemplates = (folder: string): void => {
  const target = path.resolve(invocationFolder, folder)
  for (const name of writeDefaultTemplates(target)) console.log(path.join(target, name))
}

/** Writes every type of e-mail, rendered for a sample purchase, to a folder. */
const preview = (folder: string, { language }: { language?: string }): void => {
  const render = rendererOf(readEnvironment(environments.email))
  const target = path.resolve(invocationFolder, folder)
  mkdirSync(target, { recursive: true })
  for (const [index, data] of sampleMails().entries()) {
    const { subject, html, text } = render(data, language ?? null)
    const file = path.join(target, `${String(index + 1).padStart(2, '0')}-${data.type.replace('email.', '')}`)
    writeFileSync(`${file}.html`, html)
    writeFileSync(`${file}.txt`, text)
    console.log(`${file}.html  ${subject}`)
  }
}

/** Sends the confirmation of a sample purchase, to test the mail server and the sender address. */
const sendTest = async (to: string, { language }: { language?: string }): Promise<void> => {
  const env = readEnvironment(environments.emailTest)
  const [confirmation] = sampleMails()
  if (!confirmation) throw new Error('There is no sample')
  const mailer = createMailer({
    ...{ url: env.SMTP_URL, from: env.EMAIL_FROM, replyTo: env.EMAIL_REPLY_TO, termsFile: env.EMAIL_TERMS_FILE },
  })
  try {
    const mail = rendererOf(env)(confirmation, language ?? null)
    const outcome = await mailer.send({ ...mail, id: `test_${Date.now()}`, to, attachesTerms: true })
    if (outcome.result !== 'sent') throw new Error(`The mail server did not accept the e-mail: ${outcome.error}`)
    console.log('The mail server accepted the e-mail.')
  } finally {
    mailer.close()
  }
}

const languageOption = () => new Option('--language <tag>', 'such as de-AT; by default EMAIL_LANGUAGE')

/** Adds the `npm run email -- templates|preview|test` commands. */
export const addEmailCommand = (program: Command): void => {
  const email = program.command('email').description('customize, preview and test the e-mails to buyers (docs/email.md)')
  email
    .command('templates')
    .description('write the templates and texts to a folder, where you can edit them; then set EMAIL_TEMPLATES to that folder')
    .argument('<folder>')
    .action(writeTemplates)
  email
    .command('preview')
    .description('write each e-mail for a sample purchase, as HTML and text')
    .argument('<folder>')
    .addOption(languageOption())
    .action(preview)
  email
    .command('test')
    .description('send the confirmation of a sample purchase, to check the mail server')
    .argument('<address>', 'the recipient', parseWith(z.email('Expected an e-mail address')))
    .addOption(languageOption())
    .action(sendTest)
}
