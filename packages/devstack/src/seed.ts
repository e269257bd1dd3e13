import {
  addOffers,
  closeDb,
  createDb,
  type Db,
  type EntityFields,
  putEntities,
  putProduct,
  readEntityFields,
  readProductFields,
} from '@pay-to-view/db'

// The demo catalog: films in the public domain, a channel with some of them, a live event, an article and an album. The ids are fixed, so
// that the documentation and scripts can refer to them.

const channel = {
  id: 'chan_01m85eetz6e8qthwtvbkbtp85e',
  title: 'Silent Cinema',
  description: 'The films that taught cinema how to speak. One payment, no subscription, every film in the channel.',
}

const videos = [
  {
    id: 'vid_01m85eetz2e8qthwsqr5v0dh8g',
    title: 'Nosferatu',
    description: 'F. W. Murnau, 1922. A real-estate deal in the Carpathians goes wrong. 94 minutes.',
    memberOf: [],
  },
  {
    id: 'vid_01m85eetz5e8qthwstw5m4z0ws',
    title: 'The General',
    description: 'Buster Keaton, 1926. A man, a girl and a locomotive. 79 minutes.',
    memberOf: [channel.id],
  },
  {
    id: 'vid_01m85eetz5e8qthwt0wycke2g4',
    title: 'A Trip to the Moon',
    description: 'Georges Méliès, 1902. Six astronomers hit the moon in the eye. 14 minutes.',
    memberOf: [channel.id],
  },
  {
    id: 'vid_01m85eetz5e8qthwt9cfcm8m0a',
    title: 'The Cabinet of Dr. Caligari',
    description: 'Robert Wiene, 1920. A hypnotist, a sleepwalker and streets without a right angle. 77 minutes.',
    memberOf: [channel.id],
  },
  {
    id: 'vid_01m85eetz5e8qthwtm25fqj1bp',
    title: 'Night of the Living Dead',
    description: 'George A. Romero, 1968. A farmhouse, and the dead outside it. 96 minutes.',
    memberOf: [],
  },
]

/** Returns the time at which the demo's pre-sold live event opens: 10 to 15 minutes from now, at a multiple of five minutes. */
const soon = (now: number): string => {
  const fiveMinutes = 300_000
  return new Date(Math.ceil((now + 2 * fiveMinutes) / fiveMinutes) * fiveMinutes).toISOString()
}

const event = {
  id: 'phantom-live',
  title: 'The Phantom of the Opera, live',
  description:
    'Rupert Julian, 1925, with an organist in the hall. Buy a ticket now; the page opens automatically when the concert starts.',
}

const contents = [
  {
    id: 'cont_01m85eetz6e8qthwv45k2h3zns',
    title: 'How Nosferatu survived its own destruction',
    description: 'An article. In 1925 a court ordered every copy destroyed. This is how some survived.',
  },
  {
    id: 'cont_01m85eetz6e8qthwvanh3zgts3',
    title: 'Music for a Silent House',
    description: 'An album. Eleven new piano scores for old films.',
  },
]

const usd = (amount: number) => ({ amount, currency: 'usd' })
const eur = (amount: number) => ({ amount, currency: 'eur' })
const jpy = (amount: number) => ({ amount, currency: 'jpy' })

const products = [
  {
    id: 'prod_01m85eetz6e8qthwvnjjs5zz41',
    name: 'Film, 30 days',
    prices: [usd(499), eur(449), jpy(700)],
    accessDurationDays: 30,
    entityIds: videos.map((video) => video.id),
  },
  {
    id: 'prod_01m85eetz6e8qthwvz7dvqdg82',
    name: 'Film, to keep',
    prices: [usd(1299), eur(1199), jpy(1800)],
    allowPromotionCodes: true,
    accessDurationDays: null,
    entityIds: videos.map((video) => video.id),
  },
  {
    id: 'prod_01m85eetz7e8qthww1ary28kzp',
    name: 'Channel, one year',
    prices: [usd(2999), eur(2799), jpy(4400)],
    allowPromotionCodes: true,
    accessDurationDays: 365,
    entityIds: [channel.id],
  },
  {
    id: 'prod_01m85eetz7e8qthwwdd9dd9c09',
    name: 'Article, to keep',
    prices: [eur(199)],
    accessDurationDays: null,
    entityIds: ['cont_01m85eetz6e8qthwv45k2h3zns'],
  },
  {
    id: 'prod_01m85eetz7e8qthwwm6rrfjgc5',
    name: 'Album, to keep',
    prices: [eur(900)],
    accessDurationDays: null,
    entityIds: ['cont_01m85eetz6e8qthwvanh3zgts3'],
  },
]

/** Products that are offered for only a few titles, to show more kinds of access. */
const shortAccess = [
  {
    id: 'rental-48-hours',
    name: 'Rental, 48 hours',
    prices: [usd(299), eur(279), jpy(450)],
    rental: { startWithinDays: 30, watchWithinHours: 48 },
    entityIds: ['vid_01m85eetz5e8qthwtm25fqj1bp'],
  },
  {
    // The access is so short that a renewal is offered immediately.
    id: 'day-ticket',
    name: 'Film, one day',
    prices: [usd(199), eur(189), jpy(300)],
    accessDurationDays: 1,
    entityIds: ['vid_01m85eetz5e8qthwt9cfcm8m0a'],
  },
  {
    id: 'live-ticket',
    name: 'Ticket, with 7 days to watch again',
    prices: [usd(1500), eur(1400), jpy(2200)],
    accessDurationDays: 7,
    entityIds: [event.id],
  },
]

const actor = 'seed'

/** Returns the playback settings of a demo film. All demo films use the same media (apps/web/demo-cdn.ts). */
const demoPlayback = (web: string, id: string) => ({
  provider: 'own',
  url: `${web}/media/${encodeURIComponent(id)}/master.m3u8`,
})

/** Returns whether the entity was seeded without the web app, or while the web app may have had another port. */
const needsPlayback = ({ playback }: EntityFields): boolean =>
  playback === null || /^http:\/\/127\.0\.0\.1:\d+\/media\//.test(String(playback.url))

const setPlayback = async (db: Db, ids: readonly string[], web: string): Promise<void> => {
  const films = [...(await readEntityFields(db, ids)).values()].filter(needsPlayback)
  const moved = films.filter(({ id, playback }) => playback?.url !== demoPlayback(web, id).url)
  if (moved.length > 0)
    await putEntities(
      db,
      moved.map((film) => ({ ...film, playback: demoPlayback(web, film.id) })),
      actor,
    )
}

/**
 * Adds missing rows to the database. The only change to existing rows is the playback URL of films that the web app serves
 * (`web` is the web app's URL). Without the web app, films have no playback settings.
 */
export const seed = async (databaseUrl: string, web: string | null = null): Promise<void> => {
  const db = createDb(databaseUrl)
  try {
    const entities = [
      { type: 'channel' as const, ...channel },
      ...videos.map((video) => ({ type: 'video' as const, ...video })),
      ...contents.map((content) => ({ type: 'content' as const, ...content })),
      { type: 'video' as const, ...event, availableFrom: soon(Date.now()) },
    ]
    const known = await readEntityFields(
      db,
      entities.map(({ id }) => id),
    )
    const missing = entities.filter(({ id }) => !known.has(id))
    if (missing.length > 0) await putEntities(db, missing, actor)
    if (web !== null)
      await setPlayback(
        db,
        [...videos, event].map(({ id }) => id),
        web,
      )
    for (const { entityIds, ...product } of [...products, ...shortAccess]) {
      if (await readProductFields(db, product.id)) continue
      await putProduct(db, product, actor)
      await addOffers(db, product.id, entityIds, actor)
    }
  } finally {
    await closeDb(db)
  }
}
