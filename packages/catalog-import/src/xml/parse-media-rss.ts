import type { ParsedRow } from '../types.ts'
import { type FeedFields, feedRow } from './feed-row.ts'
import { idOfAddress } from './id-of-address.ts'
import { childrenOf, readItems, textOf, type XmlElement } from './read-items.ts'

const isImage = ({ attributes }: XmlElement): boolean =>
  attributes.medium === 'image' || (attributes.type ?? '').startsWith('image/')

const isVideo = ({ attributes }: XmlElement): boolean =>
  attributes.medium === 'video' || (attributes.medium === undefined && !/^(?!video\/)./.test(attributes.type ?? ''))

/** The elements whose children describe an item, most specific first: the content, the groups, and the item itself. */
const sourcesOf = (item: XmlElement) => {
  const groups = childrenOf(item, 'media:group')
  const contents = [item, ...groups]
    .flatMap((parent) => childrenOf(parent, 'media:content'))
    .filter((content) => !isImage(content))
  const content = contents.find(({ attributes }) => attributes.isDefault === 'true') ?? contents[0]
  return { content, sources: [...(content ? [content] : []), ...groups, item] }
}

const fieldsOf = (item: XmlElement): FeedFields => {
  const { content, sources } = sourcesOf(item)
  const text = (name: string): string | undefined =>
    sources.map((source) => textOf(source, name)).find((value) => value !== undefined)
  const thumbnail = sources.flatMap((source) => childrenOf(source, 'media:thumbnail'))[0]?.attributes.url
  return {
    type: { from: 'media:content', value: !content || isVideo(content) ? 'video' : 'content' },
    title: { from: 'media:title', value: text('media:title') ?? textOf(item, 'title') },
    description: { from: 'media:description', value: text('media:description') ?? textOf(item, 'description') },
    imageUrl: { from: 'media:thumbnail', value: thumbnail },
    durationSeconds: { from: 'media:content', value: content?.attributes.duration },
  }
}

/**
 * Yields a row for each item of a Media RSS feed. The id comes from the item's guid, or else from its link (`idOfAddress`). Throws
 * UnreadableFile.
 */
export async function* parseMediaRss(chunks: AsyncIterable<string>): AsyncGenerator<ParsedRow> {
  for await (const item of readItems(chunks, 'item')) {
    const name = textOf(item, 'guid', 'link')
    yield feedRow(item.line, { from: 'guid', value: name === undefined ? undefined : idOfAddress(name) }, fieldsOf(item))
  }
}
