import { ApiError, toApiError } from '@pay-to-view/api'
import { UnreadableEventError } from '@pay-to-view/ingestion'
import { isSigned, parseWebhookEvent } from '@pay-to-view/stripe'
import { addCorrelationIds } from '@pay-to-view/telemetry'
import type { FastifyPluginAsync } from 'fastify'
import type { ConcurrencyLimiter } from './concurrency-limiter.ts'
import type { ServerDeps } from './deps.ts'
import type { Metrics } from './metrics.ts'
import { limitUnverifiedBodies, type UnverifiedBodyLimits } from './unverified-bodies.ts'

const bodyLimit = 1024 * 1024

/** Stripe redelivers an event unless the response has a success status, so every unexpected failure becomes a 503. */
const toRetryableError = (error: unknown): ApiError => {
  const apiError = toApiError(error)
  return apiError.code === 'internal' ? new ApiError('webhook_not_processed') : apiError
}

/**
 * Serves Stripe's webhook. The body is not parsed before its signature is verified. Signed webhooks have only a concurrency limit. Webhooks
 * whose signature has not been verified are limited per IP address before their bodies are buffered.
 */
export const serveWebhook =
  (
    { ingestor, webhookSecrets }: Pick<ServerDeps, 'ingestor' | 'webhookSecrets'>,
    limiter: ConcurrencyLimiter,
    bodyLimits: UnverifiedBodyLimits,
    { webhooks, webhookLag }: Metrics,
  ): FastifyPluginAsync =>
  async (app) => {
    const countFailed = limitUnverifiedBodies(app, bodyLimits)
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit }, async (_request: unknown, body: Buffer) => body)
    app.post('/client/v1/webhooks/stripe', { bodyLimit }, async (request) => {
      const signature = request.headers['stripe-signature']
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
      if (!isSigned(body, typeof signature === 'string' ? signature : undefined, webhookSecrets)) {
        webhooks.inc({ outcome: 'rejected' })
        countFailed(request)
        throw new ApiError('validation', {
          field: 'Stripe-Signature',
          message: "Expected a signature of this body with the endpoint's secret, at most 5 minutes old",
        })
      }
      const event = parseWebhookEvent(body)
      if (!event) {
        webhooks.inc({ outcome: 'rejected' })
        throw new ApiError('validation', {
          field: 'body',
          message: 'Expected a Stripe event: a JSON object with the strings `id` and `type`',
        })
      }
      addCorrelationIds({ eventId: event.id })
      if (typeof event.created === 'number') webhookLag.observe(Math.max(0, Date.now() / 1_000 - event.created))
      const outcome = await limiter
        .run(() => ingestor.ingest(event, 'webhook'))
        .catch((error: unknown) => {
          webhooks.inc({ outcome: 'failed' })
          if (error instanceof UnreadableEventError) throw new ApiError('validation', { field: 'body', message: error.message })
          request.log.error({ err: error, type: event.type }, 'the webhook was not processed')
          throw toRetryableError(error)
        })
      webhooks.inc({ outcome })
      request.log.info({ type: event.type, outcome }, 'webhook')
      return { received: true }
    })
  }
