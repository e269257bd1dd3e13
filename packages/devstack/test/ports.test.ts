import { expect, test } from 'vitest'
import { freePort, reservePort } from '../src/ports.ts'

test('nothing else can listen on a reserved port until it is released', async () => {
  const { port, release } = await reservePort(await freePort())
  await expect(reservePort(port)).rejects.toMatchObject({ code: 'EADDRINUSE' })
  await release()
  await release()
  const again = await reservePort(port)
  await again.release()
})
