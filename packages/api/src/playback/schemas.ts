import { z } from 'zod'
import { EntityId } from '../purchases/schemas.ts'
import { text } from '../text.ts'
import { generatedId, Time } from '../values.ts'

const example = 'play_01m85eetz2e8qthwsqr5v0dh8g'

export const SessionId = generatedId(`Expected the id of a playback session, such as ${example}`).meta({
  description: 'Id of a playback session',
  example,
})

export const DeviceId = text(128).min(1, 'Expected 1 to 128 characters').meta({
  description:
    "An id that the page stores for the device. A device has one place: a new session replaces the device's previous session",
})

const expectedPosition = 'Expected a number of seconds from 0 to 10000000'
export const PositionSeconds = z
  .number(expectedPosition)
  .min(0, expectedPosition)
  .max(10_000_000, expectedPosition)
  .meta({ description: "The player's position, in seconds from the beginning" })

/** A position in whole seconds; null if the player has sent no position. */
export const toWholeSeconds = (position: number | undefined): number | null =>
  position === undefined ? null : Math.floor(position)

/** A session that holds a place, as users see it. */
export const openSession = z.object({
  id: SessionId,
  entityId: EntityId,
  device: z
    .string()
    .nullable()
    .meta({ description: 'The browser and operating system, for display', example: 'Chrome on Windows' }),
  startedAt: Time,
  lastSeenAt: Time,
})

export const signedMedia = z.object({
  url: z.string().nullable().meta({
    description:
      'URL from which the player loads the film, including the token if the provider expects it in the URL; null if the site must provide the URL itself',
  }),
  token: z.string().meta({ description: "The provider's token" }),
  expiresAt: Time.meta({ description: 'When the token expires; a heartbeat returns a new token before then' }),
})

export const toTime = (seconds: number): string => new Date(seconds * 1000).toISOString()
