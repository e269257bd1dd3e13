import Fastify, { type FastifyReply } from 'fastify'
import { startMailbox } from './mailbox.ts'
import { listPage, mailPage } from './page.ts'

const localHosts = ['localhost', '127.0.0.1']

const noScripts = "default-src 'none'; style-src 'unsafe-inline'; img-src data: https:; frame-src 'self'; form-action 'none'"

const sendHtml = (reply: FastifyReply, html: string, policy = noScripts) =>
  reply.type('text/html; charset=utf-8').header('content-security-policy', policy).header('cache-control', 'no-store').send(html)

/** Starts the local mail server, with SMTP on one port and a page that shows the e-mails on another port. Both listen on 127.0.0.1. */
export const startMailServer = async (ports: { page: number; smtp: number }) => {
  const mailbox = await startMailbox(ports.smtp)
  const app = Fastify({ forceCloseConnections: true })
  // With DNS rebinding, a foreign page can make its own host name resolve to 127.0.0.1.
  app.addHook('onRequest', async (request, reply) => {
    if (!localHosts.includes(request.hostname)) return reply.code(403).type('text/plain').send('Only for pages on this machine')
  })
  const find = (number: string) => mailbox.mails.find((mail) => String(mail.number) === number)
  const notFound = (reply: FastifyReply) => reply.code(404).type('text/plain').send('There is no such e-mail')
  app.get('/', async (_request, reply) => sendHtml(reply, listPage(mailbox.mails)))
  app.get('/mails.json', async () => mailbox.mails)
  app.get<{ Params: { number: string } }>('/mails/:number', async ({ params }, reply) => {
    const mail = find(params.number)
    return mail ? sendHtml(reply, mailPage(mail)) : notFound(reply)
  })
  app.get<{ Params: { number: string } }>('/mails/:number/html', async ({ params }, reply) => {
    const mail = find(params.number)
    return mail ? sendHtml(reply, mail.html, `${noScripts}; sandbox allow-popups`) : notFound(reply)
  })
  await app.listen({ host: '127.0.0.1', port: ports.page }).catch(async (error: unknown) => {
    await mailbox.stop()
    throw error
  })
  return {
    url: `http://127.0.0.1:${ports.page}`,
    smtpUrl: mailbox.url,
    name: 'mail server',
    stop: async () => {
      await app.close()
      await mailbox.stop()
    },
  }
}
