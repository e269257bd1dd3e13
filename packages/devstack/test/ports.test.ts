import getPort from 'get-port'
import { expect, test } from 'vitest'
import { freePort, reservePort } from '../src/ports.ts'

test('a reserved port looks taken to other programs until it is released', async () => {
  const { port, release } = await reservePort(await freePort())
  expect(await getPort({ port })).not.toBe(port)
  await release()
  await release()
  expect(await getPort({ port })).toBe(port)
})
