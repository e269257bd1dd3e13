import type { Inputs } from '@pay-to-view/client'
import { seedIds, type TestStack } from '@pay-to-view/testing/stack'
import type { Page } from 'playwright-core'

export type EntityInput = Inputs['admin']['entities']['put']

export const ids = { series: 'series:the-long-watch', season: 'season.1', bundle: 'bundle~all' } as const

const reelId = (n: number): string => `reel-${String(n).padStart(3, '0')}`
/** Returns an id of the maximum length. */
const episodeId = (n: number): string => `z-ep:${String(n).padStart(2, '0')}:`.padEnd(128, 'x')

export const imageUrl = (n: number): string => `https://images.example/${n}.svg`

/** 300 films with images, a series with one season of 70 episodes, and a bundle that contains all films. */
const largeCatalog = (): EntityInput[] => [
  { id: ids.series, type: 'channel', title: 'The Long Watch', description: 'A series in one season.' },
  { id: ids.season, type: 'content', title: 'The Long Watch, season 1', memberOf: [ids.series] },
  { id: ids.bundle, type: 'content', title: 'Every reel', description: 'All reels of the archive.' },
  ...Array.from({ length: 70 }, (_, index): EntityInput => {
    const n = index + 1
    return {
      id: episodeId(71 - n),
      type: 'video',
      title: `Episode ${n}`,
      durationSeconds: 1_500,
      memberOf: [{ id: ids.season, position: n }],
    }
  }),
  ...Array.from({ length: 300 }, (_, index): EntityInput => {
    const n = index + 1
    return {
      ...{ id: reelId(n), type: 'video', title: `Reel ${n}`, description: 'A film from the archive.', durationSeconds: 5_640 },
      imageUrl: imageUrl(n),
      memberOf: [ids.bundle],
    }
  }),
]

export const addLargeCatalog = async ({ client }: TestStack): Promise<void> => {
  const { admin } = await client('root', { admin: true })
  const items = largeCatalog()
  for (let start = 0; start < items.length; start += 200) {
    const { failed } = await admin.entities.batch.mutate({ items: items.slice(start, start + 200) })
    if (failed > 0) throw new Error(`${failed} entities were not created`)
  }
  const entityIds = items.flatMap(({ id, type }) => (type === 'video' && id !== undefined ? [id] : []))
  await admin.products.offers.put.mutate({ id: seedIds.thirtyDayProduct, entityId: ids.series })
  await admin.products.offers.add.mutate({ id: seedIds.thirtyDayProduct, entityIds })
}

const colors = ['#7a4a2b', '#2b5a7a', '#3f6b3a', '#6b3a5f', '#7a6a2b']

/** Serves the catalog's images, except for the second film, whose image is missing. */
export const serveImages = (page: Page) =>
  page.route('https://images.example/**', (route) => {
    const n = Number(/(\d+)\.svg/.exec(route.request().url())?.[1] ?? 0)
    if (n === 2) return route.fulfill({ status: 404 })
    const body = `<svg xmlns="http://www.w3.org/2000/svg" width="600" height="800"><rect width="600" height="800" fill="${colors[n % colors.length]}"/><circle cx="300" cy="330" r="${80 + (n % 7) * 20}" fill="#f3e3c3"/></svg>`
    return route.fulfill({ contentType: 'image/svg+xml', body })
  })
