import { describe, expect, test } from 'vitest'
import { entityInput } from '../src/entities/entity-input.ts'
import { storedPlaybackSource } from '../src/entities/playback-source.ts'
import { EntityId } from '../src/purchases/schemas.ts'

const film = { type: 'video', title: 'Nosferatu' }
const invalidField = (changes: object): unknown =>
  entityInput.safeParse({ ...film, ...changes }).error?.issues[0]?.path.join('.') ?? null
const metadata = (keys: number) => Object.fromEntries(Array.from({ length: keys }, (_, n) => [`key${n}`, 'x']))

test.each(['a', 'film:1922~cut.2_a-b', 'A'.repeat(128), '...', 'vid_01m85eetz2e8qthwsqr5v0dh8g'])(
  'the id %s is accepted',
  (id) => {
    expect(EntityId.safeParse(id).success).toBe(true)
  },
)

test.each(['', '.', '..', 'a b', 'a/b', 'a\\b', 'a%20b', 'é', 'a\n', '\u0000', 'A'.repeat(129), 7, null])(
  'the id %j is rejected',
  (id) => {
    expect(EntityId.safeParse(id).success).toBe(false)
  },
)

describe('an entity', () => {
  test.each([
    [{}, null],
    [{ type: 'film' }, 'type'],
    [{ title: ' ' }, 'title'],
    [{ title: '𝗔'.repeat(200) }, null],
    [{ title: '𝗔'.repeat(201) }, 'title'],
    [{ title: 'a\u0000' }, 'title'],
    [{ description: 'x'.repeat(10_001) }, 'description'],
    [{ imageUrl: 'https://cdn.example/film.jpg' }, null],
    [{ imageUrl: 'javascript:alert(1)' }, 'imageUrl'],
    [{ imageUrl: 'data:image/png;base64,AA' }, 'imageUrl'],
    [{ imageUrl: '//cdn.example/film.jpg' }, 'imageUrl'],
    [{ imageUrl: 'https://' }, 'imageUrl'],
    [{ durationSeconds: 0 }, 'durationSeconds'],
    [{ durationSeconds: 1.5 }, 'durationSeconds'],
    [{ status: 'hidden' }, 'status'],
    [{ availableFrom: '2027-01-01T00:00:00Z', availableUntil: '2026-01-01T00:00:00Z' }, 'availableUntil'],
    [{ availableFrom: '0000-01-01T00:00:00Z' }, 'availableFrom'],
    [{ availableFrom: '0001-01-01T00:00:00+01:00' }, 'availableFrom'],
    [{ availableFrom: '0000-01-01T00:00:00+01:00' }, 'availableFrom'],
    [{ availableFrom: '9999-12-31T23:30:00-01:00' }, 'availableFrom'],
    [{ availableFrom: '2027-01-01T00:00:00' }, 'availableFrom'],
    [{ availableFrom: '2027-02-30T00:00:00Z' }, 'availableFrom'],
    [{ memberOf: ['channel-1', { id: 'season-1', position: 3 }] }, null],
    [{ memberOf: ['a/b'] }, 'memberOf.0'],
    [{ memberOf: 'channel-1' }, 'memberOf'],
    [{ metadata: metadata(50) }, null],
    [{ metadata: metadata(51) }, 'metadata'],
    [{ metadata: { a: 'x'.repeat(501) } }, 'metadata.a'],
    [{ metadata: { ['k'.repeat(41)]: 'x' } }, `metadata.${'k'.repeat(41)}`],
    [{ metadata: { a: 1 } }, 'metadata.a'],
    [{ playback: { provider: 'mux', playbackId: 'abc' } }, null],
    [{ playback: { provider: 'mux', uid: 'abc' } }, 'playback.playbackId'],
    [{ playback: { provider: 'bunny', libraryId: 7, videoId: 'abc' } }, null],
    [{ playback: { provider: 'bunny', path: '/films/a/' } }, null],
    [{ playback: { provider: 'bunny', libraryId: 7 } }, 'playback.videoId'],
    [{ playback: { provider: 'bunny', videoId: 'abc' } }, 'playback.libraryId'],
    [{ playback: { provider: 'bunny' } }, 'playback'],
    [{ playback: { provider: 'bunny', libraryId: '12', videoId: 'abc' } }, null],
    [{ playback: { provider: 'bunny', libraryId: '12a', videoId: 'abc' } }, 'playback.libraryId'],
    [{ playback: { provider: 'bunny', path: 'https://films.b-cdn.net/a.m3u8' } }, 'playback.path'],
    [{ playback: { provider: 'cloudfront', path: 'https://d111.cloudfront.net/a.m3u8' } }, 'playback.path'],
    [{ playback: { provider: 'cloudfront', path: '//d111.cloudfront.net/a.m3u8' } }, 'playback.path'],
    [{ playback: { provider: 'cloudfront', path: '/a/%2e%2e/b' } }, 'playback.path'],
    [{ playback: { provider: 'cloudfront', path: 'films/%zz/%2e%2e/private/x.m3u8' } }, 'playback.path'],
    [{ playback: { provider: 'cloudfront', path: 'films/%zz%2F.%2E%2Fprivate' } }, 'playback.path'],
    [{ playback: { provider: 'cloudfront', path: 'films/100%/..x/%2e%2e%2e' } }, null],
    [{ playback: { provider: 'cloudfront', path: '' } }, 'playback.path'],
    [{ playback: { provider: 'jw', mediaId: '..' } }, 'playback.mediaId'],
    [{ playback: { provider: 'own', url: 'https://user:password@media.example/film.m3u8' } }, 'playback.url'],
    [{ playback: { provider: 'own', url: 'https://user@media.example/film.m3u8' } }, 'playback.url'],
    [{ imageUrl: 'https://user:password@media.example/film.jpg' }, 'imageUrl'],
    [{ playback: { provider: 'bunny', libraryId: 7, videoId: 'abc', path: '/a' } }, 'playback'],
    [{ playback: { provider: 'cloudfront', path: '/a/../b' } }, 'playback.path'],
    [{ playback: { provider: 'own', url: 'file:///etc/passwd' } }, 'playback.url'],
    [{ playback: { provider: 'vimeo' } }, 'playback.provider'],
  ])('%j', (changes, field) => {
    expect(invalidField(changes)).toBe(field)
  })

  test('can state that the site itself knows the URL of the film, which is stored as no source', () => {
    expect(entityInput.parse({ ...film, playback: { provider: 'own', url: null } }).playback).toBeNull()
  })

  test.each([
    [{ provider: 'mux' }, "Expected the video's id at the provider"],
    [{ provider: 'jw', mediaId: 7 }, "Expected the video's id at the provider"],
    [{ provider: 'cloudfront' }, 'Expected a path, such as films/'],
    [{ provider: 'own' }, 'Expected an absolute URL'],
  ])('the error for the playback source %j says which value is expected', (playback, message) => {
    expect(entityInput.safeParse({ ...film, playback }).error?.issues[0]?.message).toContain(message)
  })

  test('plays with an id that an earlier version accepted', () => {
    expect(storedPlaybackSource.safeParse({ provider: 'jw', mediaId: '..' }).success).toBe(true)
  })

  test('rejects unknown fields', () => {
    expect(entityInput.safeParse({ ...film, channelId: 'a' }).error?.issues).toMatchObject([{ keys: ['channelId'] }])
  })
})

test.each([
  ['2027-01-01T00:00:00Z', '2027-01-01T00:00:00.000Z'],
  ['2027-01-01T00:00Z', '2027-01-01T00:00:00.000Z'],
  ['2027-01-01T00:00:00+00:00', '2027-01-01T00:00:00.000Z'],
  ['2027-01-01T02:00:00.5+02:00', '2027-01-01T00:00:00.500Z'],
  ['2026-12-31T18:30-05:30', '2027-01-01T00:00:00.000Z'],
])('the time %s is converted to UTC', (availableFrom, expected) => {
  expect(entityInput.parse({ ...film, availableFrom })).toMatchObject({ availableFrom: expected })
})
