import { z } from 'zod'

/** An environment variable with the host name of a CDN. */
export const hostName = z
  .string()
  .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/i, 'Expected a host name such as media.example.com, without https://')
