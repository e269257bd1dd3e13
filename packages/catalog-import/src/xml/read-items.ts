import sax from 'sax'
import { UnreadableFile } from '../types.ts'

/** An element of an item. `text` does not include the children's text. */
export interface XmlElement {
  /** The name with the conventional prefix, whichever prefix the file uses: `video:title`, `media:content`, `guid`. */
  name: string
  /** The element's line in the file, counted from 1. */
  line: number
  attributes: Readonly<Record<string, string>>
  text: string
  children: XmlElement[]
}

/** Limits the memory that one item can take. */
const maxItemElements = 10_000
const maxItemText = 1_000_000

const prefixes: readonly [namespace: RegExp, prefix: string][] = [
  [/^https?:\/\/www\.google\.com\/schemas\/sitemap-video\//, 'video:'],
  [/^https?:\/\/search\.yahoo\.com\/mrss\/?$/, 'media:'],
]

const nameOf = ({ uri, local, name }: sax.QualifiedTag): string => {
  const prefix = prefixes.find(([namespace]) => namespace.test(uri))?.[1]
  if (prefix !== undefined) return prefix + local
  return uri === '' || /sitemaps\.org|google\.com\/schemas\/sitemap/.test(uri) ? local : name
}

const attributesOf = (tag: sax.QualifiedTag): Record<string, string> =>
  Object.fromEntries(Object.values(tag.attributes).map(({ local, value }) => [local, value]))

/** Collects the items of a document while the parser reads it. */
const createCollector = (parser: sax.SAXParser, itemName: string) => {
  const items: XmlElement[] = []
  const open: XmlElement[] = []
  let elements = 0
  let characters = 0
  const fail = (message: string): never => {
    throw new UnreadableFile(parser.line + 1, message)
  }
  parser.onerror = (error) => {
    const [cause = 'It is not well-formed'] = error.message.split('\n')
    fail(`The XML cannot be read: ${cause}. Correct the file, or export it again`)
  }
  parser.ondoctype = () => fail('The XML has a DOCTYPE, which could define entities. Remove the <!DOCTYPE …> line')
  parser.onopentag = (tag) => {
    if (!('uri' in tag)) return
    const name = nameOf(tag)
    if (name === 'sitemapindex') fail('This is a sitemap index. Import each sitemap that it lists')
    const parent = open.at(-1)
    if (!parent && name !== itemName) return
    if (!parent) elements = characters = 0
    if (++elements > maxItemElements) fail(`The ${itemName} has more than ${maxItemElements} elements`)
    const element = { name, line: parser.line + 1, attributes: attributesOf(tag), text: '', children: [] }
    parent?.children.push(element)
    open.push(element)
  }
  const addText = (text: string): void => {
    const element = open.at(-1)
    if (!element) return
    characters += text.length
    if (characters > maxItemText) fail(`The ${itemName} has more than ${maxItemText} characters`)
    element.text += text
  }
  parser.ontext = addText
  parser.oncdata = addText
  parser.onclosetag = () => {
    const closed = open.pop()
    if (closed && open.length === 0) items.push(closed)
  }
  return { take: (): XmlElement[] => items.splice(0) }
}

/**
 * Yields the `itemName` elements of an XML document, one at a time. Document type declarations are rejected, so a file cannot define XML
 * entities, which could read other files or expand to a huge size. Throws UnreadableFile.
 */
export async function* readItems(chunks: AsyncIterable<string>, itemName: string): AsyncGenerator<XmlElement> {
  const parser = sax.parser(true, { xmlns: true, position: true })
  const collector = createCollector(parser, itemName)
  const parse = function* (parse: () => void): Generator<XmlElement> {
    try {
      parse()
    } finally {
      yield* collector.take()
    }
  }
  for await (const chunk of chunks) yield* parse(() => parser.write(chunk))
  yield* parse(() => parser.close())
}

export const childrenOf = (element: XmlElement, name: string): XmlElement[] =>
  element.children.filter((child) => child.name === name)

/** Returns the first nonempty text of the children with these names, in the order of the names; undefined if there is none. */
export const textOf = (element: XmlElement, ...names: string[]): string | undefined => {
  const texts = names.flatMap((name) => childrenOf(element, name)).map(({ text }) => text.trim())
  return texts.find((text) => text !== '')
}
