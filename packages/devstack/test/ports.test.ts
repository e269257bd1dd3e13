import { expect, test } from 'vitest'
import { freePort, listenOnChosen, reservePort } from '../src/ports.ts'

test('nothing else can listen on a reserved port until it is released', async () => {
  const { port, release } = await reservePort(await freePort())
  await expect(reservePort(port)).rejects.toMatchObject({ code: 'EADDRINUSE' })
  await release()
  await release()
  const again = await reservePort(port)
  await again.release()
})

test('another port is chosen if a program takes the port before we listen on it', async () => {
  const taken = await reservePort(await freePort())
  const free = await freePort()
  const chosen = [taken.port, free]
  const { port, release } = await listenOnChosen(async () => chosen.shift() ?? 0, reservePort)
  expect(port).toBe(free)
  await expect(listenOnChosen(async () => taken.port, reservePort)).rejects.toMatchObject({ code: 'EADDRINUSE' })
  await Promise.all([release(), taken.release()])
})
