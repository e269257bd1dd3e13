import { createPayToViewClient, type Outputs, type PayToViewClient } from '@pay-to-view/client'
import { waitFor } from '@pay-to-view/devstack/wait'
import { startServer } from '@pay-to-view/testing/server-process'
import { seeded, useStack } from '@pay-to-view/testing/stack'
import { expect, test } from 'vitest'
import { fetchToken } from './token.ts'

const stack = useStack()

type State = Outputs['access']['check']

/** What a watcher hears. */
const watch = (client: PayToViewClient, entityId: string) => {
  const heard: State[] = []
  const errors: unknown[] = []
  let connections = 0
  const subscription = client.access.watch.subscribe(
    { entityId },
    {
      onStarted: () => {
        connections++
      },
      onData: (state) => heard.push(state),
      onError: (error) => errors.push(error),
    },
  )
  return {
    heard,
    errors,
    connections: () => connections,
    stop: () => subscription.unsubscribe(),
    whenTold: (hasAccess: boolean, from = 0) =>
      waitFor(
        `to be told hasAccess ${hasAccess}`,
        async () => heard.slice(from).find((state) => state.hasAccess === hasAccess),
        soon,
      ),
    whenHeard: (count: number) => waitFor(`to have heard ${count}`, async () => heard.length >= count || null, soon),
  }
}

const soon = { within: 15_000 }

test('a watcher is told of the access when it was paid for, and of its end with the refund', async () => {
  const user = stack().newUser()
  const viewer = await stack().client(user)
  const admin = await stack().client('root', { admin: true })
  const film = watch(viewer, seeded.film)
  await film.whenHeard(1)
  expect(film.heard).toEqual([{ entityId: seeded.film, hasAccess: false, expiresAt: null, purchaseId: null }])
  const { purchaseId, sessionId } = await stack().create(viewer)
  await stack().pay(sessionId)
  expect(await film.whenTold(true)).toMatchObject({ purchaseId, expiresAt: expect.any(String) })
  await admin.admin.purchases.refund.mutate({ id: purchaseId })
  await film.whenHeard(3)
  expect(film.heard.map(({ hasAccess }) => hasAccess)).toEqual([false, true, false])
  expect(film).toMatchObject({ errors: [] })
  film.stop()
})

test('a watcher of a video is told when its channel was bought', async () => {
  const viewer = await stack().client(stack().newUser())
  const { videos, products } = await viewer.entities.get.query({ entityId: seeded.channel })
  const episode = watch(viewer, videos[0]?.entityId ?? '')
  await episode.whenHeard(1)
  const { sessionId } = await stack().create(viewer, products[0]?.payToViewProductId, seeded.channel)
  await stack().pay(sessionId)
  expect(await episode.whenTold(true)).toMatchObject({ entityId: videos[0]?.entityId })
  episode.stop()
})

test('a watcher is told when the time of the access is over, without any hint', async () => {
  const viewer = await stack().client(stack().newUser())
  const { purchaseId, sessionId } = await stack().create(viewer)
  await stack().pay(sessionId)
  await stack().whenStatus(viewer, purchaseId, 'Completed')
  await stack().query("update grants set expires_at = now() + interval '2 seconds' where purchase_id = $1", [purchaseId])
  const film = watch(viewer, seeded.film)
  await film.whenTold(true)
  await film.whenTold(false)
  expect(film.heard).toHaveLength(2)
  film.stop()
})

test('a listening connection that Postgres ended is made again, and what was missed is read', async () => {
  const viewer = await stack().client(stack().newUser())
  const film = watch(viewer, seeded.film)
  const { purchaseId, sessionId } = await stack().create(viewer)
  await stack().pay(sessionId)
  await film.whenTold(true)
  // Nobody tells of this one.
  await stack().query('update grants set ended_at = now() where purchase_id = $1', [purchaseId])
  const killed = await stack().query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'pay-to-view-access'",
  )
  expect(killed).toHaveLength(1)
  await film.whenTold(false, film.heard.length)
  film.stop()
})

test('a watcher who has gone leaves nothing behind', async () => {
  const viewer = await stack().client(stack().newUser())
  const film = watch(viewer, seeded.film)
  await film.whenHeard(1)
  film.stop()
  const { sessionId } = await stack().create(viewer)
  await stack().pay(sessionId)
  await waitFor('access', async () => (await viewer.access.check.query({ entityId: seeded.film })).hasAccess || null, soon)
  expect(film.heard).toHaveLength(1)
})

test('without a token, or with a bad one, a watcher is refused and told why', async () => {
  for (const token of [null, 'a.b.c']) {
    const stranger = watch(createPayToViewClient({ url: stack().stack.api, token: () => token }), seeded.film)
    await waitFor('a refusal', async () => stranger.errors.length > 0 || null, soon)
    expect(stranger.errors).toMatchObject([{ data: { code: 'UNAUTHORIZED', problem: { code: 'unauthorized', status: 401 } } }])
    expect(stranger.heard).toEqual([])
  }
})

test('an id that is none is refused with the field named', async () => {
  const viewer = await stack().client(stack().newUser())
  const nothing = watch(viewer, 'film')
  await waitFor('a refusal', async () => nothing.errors.length > 0 || null, soon)
  expect(nothing.errors).toMatchObject([{ data: { problem: { code: 'validation', errors: [{ field: 'entityId' }] } } }])
})

test('a server that stops does not wait for watchers, and they connect again by themselves with a new token', async () => {
  const first = await startServer(stack().stack)
  const used: string[] = []
  const client = createPayToViewClient({
    url: first.url,
    token: async () => {
      const token = await fetchToken(stack().stack.issuer, { user: 'watcher', ttl: '1h' })
      used.push(token)
      return token
    },
  })
  const film = watch(client, seeded.film)
  await film.whenHeard(1)
  const since = Date.now()
  expect(await first.stop()).toBe(0)
  expect(Date.now() - since).toBeLessThan(5_000)
  const second = await startServer(stack().stack, { port: first.port })
  await film.whenHeard(2)
  expect(film.errors).toEqual([])
  expect(used.length).toBeGreaterThan(1)
  film.stop()
  // Node's fetch has opened a connection for the next request meanwhile: that is not waited for either.
  expect(await second.stop()).toBe(0)
})

test('a stream ends with its token; the client goes on with a new one', async () => {
  const tokens = ['4s', '1h']
  const client = createPayToViewClient({
    url: stack().stack.api,
    token: () => fetchToken(stack().stack.issuer, { user: 'watcher', ttl: tokens.shift() ?? '1h' }),
  })
  const film = watch(client, seeded.film)
  await film.whenHeard(2)
  expect(tokens).toEqual([])
  expect(film.errors).toEqual([])
  film.stop()
})
