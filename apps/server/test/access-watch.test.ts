import { createPayToViewClient, type Outputs, type PayToViewClient } from '@pay-to-view/client'
import { waitFor } from '@pay-to-view/devstack/wait'
import { startServer } from '@pay-to-view/testing/app-process'
import { seedIds, useSharedStack } from '@pay-to-view/testing/stack'
import { expect, test } from 'vitest'
import { fetchToken } from './token.ts'

const stack = useSharedStack()

type State = Outputs['access']['check']

const timeout = { timeoutMs: 15_000 }

/** Subscribes to access.watch and records the states that it receives. */
const watch = (client: PayToViewClient, entityId: string) => {
  const received: State[] = []
  const errors: unknown[] = []
  let connections = 0
  const subscription = client.access.watch.subscribe(
    { entityId },
    {
      onStarted: () => {
        connections++
      },
      onData: (state) => received.push(state),
      onError: (error) => errors.push(error),
    },
  )
  return {
    received,
    errors,
    connections: () => connections,
    stop: () => subscription.unsubscribe(),
    waitForAccess: (hasAccess: boolean, from = 0) =>
      waitFor(
        `hasAccess: ${hasAccess}`,
        async () => received.slice(from).find((state) => state.hasAccess === hasAccess),
        timeout,
      ),
    waitForCount: (count: number) => waitFor(`${count} states`, async () => received.length >= count || null, timeout),
  }
}

test('access.watch reports access after the payment, and its end after the refund', async () => {
  const user = stack().newUser()
  const client = await stack().client(user)
  const admin = await stack().client('root', { admin: true })
  const film = watch(client, seedIds.film)
  await film.waitForCount(1)
  expect(film.received).toMatchObject([{ entityId: seedIds.film, hasAccess: false, expiresAt: null, purchaseId: null }])
  const { purchaseId, sessionId } = await stack().create(client)
  await stack().pay(sessionId)
  expect(await film.waitForAccess(true)).toMatchObject({ purchaseId, expiresAt: expect.any(String) })
  await admin.admin.purchases.refund.mutate({ id: purchaseId })
  await film.waitForCount(3)
  expect(film.received.map(({ hasAccess }) => hasAccess)).toEqual([false, true, false])
  expect(film).toMatchObject({ errors: [] })
  film.stop()
})

test('access.watch reports access to a video after its channel was bought', async () => {
  const client = await stack().client(stack().newUser())
  const { products } = await client.entities.get.query({ id: seedIds.channel })
  const episode = watch(client, seedIds.channelFilm)
  await episode.waitForCount(1)
  const { sessionId } = await stack().create(client, products[0]?.id, seedIds.channel)
  await stack().pay(sessionId)
  expect(await episode.waitForAccess(true)).toMatchObject({ entityId: seedIds.channelFilm })
  episode.stop()
})

test('access.watch reports the expiry of access without a notification', async () => {
  const client = await stack().client(stack().newUser())
  const { purchaseId, sessionId } = await stack().create(client)
  await stack().pay(sessionId)
  await stack().waitForStatus(client, purchaseId, 'Completed')
  await stack().query("update grants set starts_at = now() - interval '30 days' + interval '5 seconds' where purchase_id = $1", [
    purchaseId,
  ])
  const film = watch(client, seedIds.film)
  await film.waitForAccess(true)
  await film.waitForAccess(false)
  expect(film.received).toHaveLength(2)
  film.stop()
})

test('access.watch reconnects after Postgres has closed the listening connection, and reads the changes that were missed', async () => {
  const client = await stack().client(stack().newUser())
  const film = watch(client, seedIds.film)
  const { purchaseId, sessionId } = await stack().create(client)
  await stack().pay(sessionId)
  await film.waitForAccess(true)
  // A change made with plain SQL sends no notification.
  await stack().query('update grants set revoked_at = now() where purchase_id = $1', [purchaseId])
  const closed = await stack().query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'pay-to-view-access'",
  )
  expect(closed).toHaveLength(1)
  await film.waitForAccess(false, film.received.length)
  film.stop()
})

test('a client receives nothing after unsubscribing', async () => {
  const client = await stack().client(stack().newUser())
  const film = watch(client, seedIds.film)
  await film.waitForCount(1)
  film.stop()
  const { sessionId } = await stack().create(client)
  await stack().pay(sessionId)
  await waitFor('access', async () => (await client.access.check.query({ entityId: seedIds.film })).hasAccess || null, timeout)
  expect(film.received).toHaveLength(1)
})

test('without a valid token, access.watch is rejected with a problem', async () => {
  for (const token of [null, 'a.b.c']) {
    const film = watch(createPayToViewClient({ url: stack().stack.api, token: () => token }), seedIds.film)
    await waitFor('the error', async () => film.errors.length > 0 || null, timeout)
    expect(film.errors).toMatchObject([{ data: { code: 'UNAUTHORIZED', problem: { code: 'unauthorized', status: 401 } } }])
    expect(film.received).toEqual([])
  }
})

test('access.watch rejects an invalid entityId and names the field', async () => {
  const client = await stack().client(stack().newUser())
  const invalid = watch(client, 'a/film')
  await waitFor('the error', async () => invalid.errors.length > 0 || null, timeout)
  expect(invalid.errors).toMatchObject([{ data: { problem: { code: 'validation', errors: [{ field: 'entityId' }] } } }])
})

test('a stopping server does not wait for open streams, and clients reconnect with a new token', async () => {
  const first = await startServer(stack().stack)
  const usedTokens: string[] = []
  const client = createPayToViewClient({
    url: first.url,
    token: async () => {
      const token = await fetchToken(stack().stack.issuer, { user: 'watcher', ttl: '1h' })
      usedTokens.push(token)
      return token
    },
  })
  const film = watch(client, seedIds.film)
  await film.waitForCount(1)
  const stopStartedAt = Date.now()
  expect(await first.stop()).toBe(0)
  expect(Date.now() - stopStartedAt).toBeLessThan(5_000)
  const second = await startServer(stack().stack, { port: first.port })
  await film.waitForCount(2)
  expect(film.errors).toEqual([])
  expect(usedTokens.length).toBeGreaterThan(1)
  film.stop()
  // Node's fetch has already opened a connection for the next request. The server does not wait for this unused connection either.
  expect(await second.stop()).toBe(0)
})

test('a stream ends when its token expires, and the client reconnects with a new one', async () => {
  const tokens = ['4s', '1h']
  const client = createPayToViewClient({
    url: stack().stack.api,
    token: () => fetchToken(stack().stack.issuer, { user: 'watcher', ttl: tokens.shift() ?? '1h' }),
  })
  const film = watch(client, seedIds.film)
  await film.waitForCount(2)
  expect(tokens).toEqual([])
  expect(film.errors).toEqual([])
  film.stop()
})
