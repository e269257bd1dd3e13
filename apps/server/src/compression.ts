import { constants } from 'node:zlib'
import compress from '@fastify/compress'
import type { FastifyInstance, RouteShorthandOptions } from 'fastify'

/**
 * The `compress` option of routes whose responses are the same for everyone. Responses about one user are not compressed, because a page
 * that can add text to the request could infer a secret in the response from its compressed size (the BREACH attack). Event streams are not
 * compressed either, because compression would delay events.
 */
export const publicCompression = {
  encodings: ['br', 'gzip', 'identity'],
  // zlib's default quality (11) is intended for files that are compressed only once.
  brotliOptions: { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } },
} satisfies RouteShorthandOptions['compress']

/** Enables the `compress` option of routes. Request bodies are not decompressed, because a small body could expand to any size. */
export const enableCompression = async (app: FastifyInstance): Promise<void> => {
  await app.register(compress, { global: false, globalDecompression: false })
}
