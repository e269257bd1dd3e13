import { expect, test } from 'vitest'
import { follow } from '../src/access/follow.ts'
import type { AccessState } from '../src/access/state.ts'

const entityId = 'vid_01m85eetz2e8qthwsqr5v0dh8g'
const none: AccessState = { entityId, hasAccess: false, expiresAt: null, purchaseId: null }
const given: AccessState = { ...none, hasAccess: true, purchaseId: 'ptv_01m85eetz2e8qthwsqr5v0dh8g' }

/** A stream over a state that the test changes, with hints that the test gives. */
const open = (until = Date.now() + 3_600_000) => {
  const hearers = new Set<() => void>()
  const [gone, stopping] = [new AbortController(), new AbortController()]
  const world = { state: none, reads: 0 }
  const stream = follow({
    read: async () => {
      world.reads++
      return world.state
    },
    listen: (hear) => {
      hearers.add(hear)
      return () => hearers.delete(hear)
    },
    until,
    gone: gone.signal,
    stopping: stopping.signal,
  })
  const hint = () => {
    for (const hear of hearers) hear()
  }
  return { world, stream, hearers, hint, gone, stopping }
}

test('the state comes first, then only what is another', async () => {
  const { world, stream, hint } = open()
  expect((await stream.next()).value).toEqual(none)
  const next = stream.next()
  hint()
  hint()
  world.state = given
  hint()
  expect((await next).value).toEqual(given)
})

test('a hint between two questions is not lost', async () => {
  const { world, stream, hint } = open()
  await stream.next()
  world.state = given
  hint()
  expect((await stream.next()).value).toEqual(given)
})

test('access that ends by time is told without a hint', async () => {
  const { world, stream } = open()
  world.state = { ...given, expiresAt: new Date(Date.now() + 300).toISOString() }
  expect((await stream.next()).value).toMatchObject({ hasAccess: true })
  const next = stream.next()
  world.state = none
  expect((await next).value).toEqual(none)
  expect(world.reads).toBe(2)
})

test('access for years needs no timer that Node cannot hold', async () => {
  const { world, stream, hint } = open(Date.now() + 400 * 86_400_000)
  world.state = { ...given, expiresAt: new Date(Date.now() + 300 * 86_400_000).toISOString() }
  await stream.next()
  const next = stream.next()
  hint()
  world.state = none
  hint()
  expect((await next).value).toEqual(none)
  expect(world.reads).toBeLessThan(5)
})

test('a viewer who goes leaves nothing behind', async () => {
  const { stream, hearers, gone } = open()
  await stream.next()
  expect(hearers.size).toBe(1)
  const next = stream.next()
  gone.abort()
  expect(await next).toEqual({ done: true, value: undefined })
  expect(hearers.size).toBe(0)
})

test('a server that stops and a token that ends cut the stream, so that the client comes again', async () => {
  const stopped = open()
  await stopped.stream.next()
  const next = stopped.stream.next()
  stopped.stopping.abort()
  await expect(next).rejects.toMatchObject({ name: 'AbortError' })
  expect(stopped.hearers.size).toBe(0)
  const ended = open(Date.now() + 300)
  await ended.stream.next()
  await expect(ended.stream.next()).rejects.toMatchObject({ name: 'AbortError' })
  expect(ended.hearers.size).toBe(0)
})

test('a state that cannot be read ends the stream with that error', async () => {
  const hearers = new Set<() => void>()
  const stream = follow({
    read: async () => {
      throw new Error('away')
    },
    listen: (hear) => {
      hearers.add(hear)
      return () => hearers.delete(hear)
    },
    until: Date.now() + 1_000,
    gone: undefined,
    stopping: new AbortController().signal,
  })
  await expect(stream.next()).rejects.toThrow('away')
  expect(hearers.size).toBe(0)
})
