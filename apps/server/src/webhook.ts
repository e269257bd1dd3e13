import { ApiError, classify } from '@pay-to-view/api'
import { UnreadableEventError } from '@pay-to-view/ingestion'
import { verifyWebhook } from '@pay-to-view/stripe'
import { addCorrelationIds } from '@pay-to-view/telemetry'
import type { FastifyPluginAsync } from 'fastify'
import type { ServerDeps } from './deps.ts'
import type { Metrics } from './metrics.ts'
import type { Turns } from './turns.ts'

const bodyLimit = 1024 * 1024

/** Whatever keeps an event from being passed on, Stripe has to send it again: never a status that says it is done or hopeless. */
const again = (error: unknown): ApiError => {
  const known = classify(error)
  return known.code === 'internal' ? new ApiError('webhook_not_processed') : known
}

/**
 * Stripe's webhook. The signature is of the raw body, so nothing parses it before. Nobody counts Stripe's calls: what is forged is refused
 * before it takes a turn, and the turns bound the rest.
 */
export const serveWebhook =
  (
    { ingestor, webhookSecrets }: Pick<ServerDeps, 'ingestor' | 'webhookSecrets'>,
    turns: Turns,
    { webhooks, webhookLag }: Metrics,
  ): FastifyPluginAsync =>
  async (app) => {
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit }, async (_request: unknown, body: Buffer) => body)
    app.post('/client/v1/webhooks/stripe', { bodyLimit }, async (request) => {
      const signature = request.headers['stripe-signature']
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
      const event = verifyWebhook(body, typeof signature === 'string' ? signature : undefined, webhookSecrets)
      if (!event) {
        webhooks.inc({ outcome: 'rejected' })
        throw new ApiError('validation', {
          field: 'Stripe-Signature',
          message: "Expected a signature of this body by the endpoint's secret, made in the last 5 minutes",
        })
      }
      if (typeof event.id === 'string') addCorrelationIds({ eventId: event.id })
      if (typeof event.created === 'number') webhookLag.observe(Math.max(0, Date.now() / 1_000 - event.created))
      const outcome = await turns
        .take(() => ingestor.ingest(event, 'webhook'))
        .catch((error: unknown) => {
          webhooks.inc({ outcome: 'failed' })
          if (error instanceof UnreadableEventError) throw new ApiError('validation', { field: 'body', message: error.message })
          request.log.error({ err: error, type: event.type }, 'the webhook was not processed')
          throw again(error)
        })
      webhooks.inc({ outcome })
      request.log.info({ type: event.type, outcome }, 'webhook')
      return { received: true }
    })
  }
