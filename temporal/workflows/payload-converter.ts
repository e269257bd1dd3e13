import { type ConverterHint, DefaultPayloadConverter, type Payload, type SerializationContext } from '@temporalio/common'

/** A placeholder for a payload that cannot be decoded: an unknown encoding, or invalid JSON. */
export class UnreadablePayload {
  readonly reason: string
  constructor(reason: string) {
    this.reason = reason
  }
}

const describe = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 200)

/**
 * Replaces an unreadable payload of a workflow with a placeholder. By default, a signal with an unknown encoding, which the Temporal CLI
 * can send with `--input-meta`, would fail every workflow task before a handler can skip it. Activity results come from our own code, so an
 * unreadable one is an error.
 */
class LenientPayloadConverter extends DefaultPayloadConverter {
  override fromPayload<T>(payload: Payload, context?: SerializationContext, hint?: ConverterHint<T>): T
  override fromPayload(payload: Payload, context?: SerializationContext, hint?: ConverterHint): unknown {
    if (context?.type === 'activity') return super.fromPayload(payload, context, hint)
    try {
      return super.fromPayload(payload, context, hint)
    } catch (error) {
      return new UnreadablePayload(describe(error))
    }
  }
}

/** The SDK's bundler requires this name. */
export const payloadConverter = new LenientPayloadConverter()
