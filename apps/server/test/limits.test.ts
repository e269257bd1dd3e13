import { ApiError } from '@pay-to-view/api'
import { expect, test } from 'vitest'
import { createTurns } from '../src/concurrency-limiter.ts'
import { addressKey, createRate } from '../src/rates.ts'

/** Work that ends when it is told to. */
const work = () => {
  let done = () => {}
  const ended = new Promise<void>((resolve) => {
    done = resolve
  })
  return { call: () => ended, done }
}
const overloaded = { code: 'overloaded' }

test('more calls than may be done at one time wait in order; more than may wait are refused at once', async () => {
  const turns = createTurns({ most: 2, waiting: 2, patience: 60_000 })
  const order: number[] = []
  const works = [0, 1, 2, 3].map((number) => ({ ...work(), number }))
  const taken = works.map(({ call, number }) => turns.take(() => call().then(() => order.push(number))))
  expect([turns.running(), turns.waiting()]).toEqual([2, 2])
  await expect(turns.take(async () => 'never')).rejects.toMatchObject(overloaded)
  for (const [at, { done }] of works.entries()) {
    done()
    await taken[at]
  }
  expect(order).toEqual([0, 1, 2, 3])
  expect([turns.running(), turns.waiting()]).toEqual([0, 0])
  expect(await turns.take(async () => 'free again')).toBe('free again')
})

test('a call that waits too long is refused, is never done, and leaves its place', async () => {
  const turns = createTurns({ most: 1, waiting: 1, patience: 20 })
  const first = work()
  const taken = turns.take(first.call)
  let done = false
  await expect(
    turns.take(async () => {
      done = true
    }),
  ).rejects.toMatchObject(overloaded)
  first.done()
  await taken
  expect([done, turns.running(), turns.waiting()]).toEqual([false, 0, 0])
})

test('a call that fails gives its turn on', async () => {
  const turns = createTurns({ most: 1, waiting: 1, patience: 60_000 })
  const failing = turns.take(() => Promise.reject(new ApiError('not_paid')))
  const next = turns.take(async () => 'next')
  await expect(failing).rejects.toMatchObject({ code: 'not_paid' })
  expect(await next).toBe('next')
})

test('who calls too often is refused, and nobody else; 0 is no limit', async () => {
  const count = createRate(3)
  for (const _ of [1, 2, 3]) await count('alice')
  await expect(count('alice')).rejects.toMatchObject({ code: 'rate_limited' })
  await expect(count('bob')).resolves.toBeUndefined()
  const never = createRate(0)
  for (let calls = 0; calls < 1_000; calls++) await never('alice')
})

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::9', '2001:db8:1:2'],
  ['2001:db8::9', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
])('the address %s counts as %s', (address, key) => {
  expect(addressKey(address)).toBe(key)
})
