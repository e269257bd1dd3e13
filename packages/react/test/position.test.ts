import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type PositionStorage, readPosition, savePosition } from '../src/player/position.ts'

const createStorage = (): PositionStorage => {
  const items = new Map<string, string>()
  return {
    get length() {
      return items.size
    },
    key: (index: number) => [...items.keys()][index] ?? null,
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  }
}

let storage: PositionStorage
beforeEach(() => {
  storage = createStorage()
})
afterEach(() => void vi.useRealTimers())

const film = (currentTime: number, duration = 5_400) => ({ currentTime, duration })

test('a position is stored per user and film', () => {
  savePosition(storage, 'alice', 'film', film(1234.56))
  savePosition(storage, 'alice', 'film', film(2000.04))
  expect(readPosition(storage, 'alice', 'film')).toBe(2000)
  expect(readPosition(storage, 'bob', 'film')).toBe(0)
  expect(readPosition(storage, 'alice', 'other')).toBe(0)
})

test('a film that was watched to the end or only for a moment starts from the beginning', () => {
  savePosition(storage, 'alice', 'film', film(3))
  expect(readPosition(storage, 'alice', 'film')).toBe(0)
  savePosition(storage, 'alice', 'film', film(60))
  savePosition(storage, 'alice', 'film', film(5_380))
  expect(readPosition(storage, 'alice', 'film')).toBe(0)
  savePosition(storage, 'alice', 'short', film(60, 72))
  expect(readPosition(storage, 'alice', 'short')).toBe(60)
  savePosition(storage, 'alice', 'short', film(70, 72))
  expect(readPosition(storage, 'alice', 'short')).toBe(0)
})

test('no position is stored for a live stream', () => {
  savePosition(storage, 'alice', 'live', film(60, Number.POSITIVE_INFINITY))
  expect(readPosition(storage, 'alice', 'live')).toBe(0)
})

test('the positions of the last 100 films are kept', () => {
  vi.useFakeTimers()
  storage.setItem('other', 'kept')
  for (let index = 0; index < 103; index += 1) {
    savePosition(storage, 'alice', `film-${index}`, film(60))
    vi.advanceTimersByTime(1)
  }
  expect([storage.length, storage.getItem('other')]).toEqual([101, 'kept'])
  expect([
    readPosition(storage, 'alice', 'film-2'),
    readPosition(storage, 'alice', 'film-3'),
    readPosition(storage, 'alice', 'film-102'),
  ]).toEqual([0, 60, 60])
})
