import type { ParsedRow } from '../types.ts'
import { type FeedFields, feedRow } from './feed-row.ts'
import { idOfAddress } from './id-of-address.ts'
import { childrenOf, readItems, textOf, type XmlElement } from './read-items.ts'

const fieldsOf = (video: XmlElement): FeedFields => {
  const field = (name: string) => ({ from: name, value: textOf(video, name) })
  return {
    type: { from: 'video:video', value: 'video' },
    title: field('video:title'),
    description: field('video:description'),
    imageUrl: field('video:thumbnail_loc'),
    durationSeconds: field('video:duration'),
    availableFrom: field('video:publication_date'),
    availableUntil: field('video:expiration_date'),
  }
}

/**
 * Yields a row for each video of a video sitemap. The id comes from the video page's address (`idOfAddress`); additional videos on
 * the same page get `-2`, `-3` and so on. Pages without a video are skipped. Throws UnreadableFile.
 */
export async function* parseSitemap(chunks: AsyncIterable<string>): AsyncGenerator<ParsedRow> {
  for await (const page of readItems(chunks, 'url')) {
    const loc = textOf(page, 'loc')
    const pageId = loc === undefined ? undefined : idOfAddress(loc)
    for (const [index, video] of childrenOf(page, 'video:video').entries()) {
      const id = pageId !== undefined && index > 0 ? `${pageId}-${index + 1}` : pageId
      yield feedRow(video.line, { from: 'loc', value: id }, fieldsOf(video))
    }
  }
}
