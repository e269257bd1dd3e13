import { describe, expect, test } from 'vitest'
import { idOfAddress } from '../src/xml/id-of-address.ts'
import { errorsIn, readFile } from './read-file.ts'

const sitemap = (urls: string, root = 'urlset') => `<?xml version="1.0" encoding="UTF-8"?>
<${root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:video="http://www.google.com/schemas/sitemap-video/1.1">${urls}</${root}>`

const feed = (items: string) => `<?xml version="1.0"?>
<!-- A comment before the root. -->
<rss version="2.0" xmlns:m="http://search.yahoo.com/mrss/"><channel><title>Films</title>${items}</channel></rss>`

describe('a video sitemap', () => {
  test('each video is a row; pages without a video are skipped', async () => {
    const { rows, errors } = await readFile(
      sitemap(`
<url><loc>https://example.com/about</loc></url>
<url><loc>https://example.com/films/nosferatu</loc><video:video>
  <video:thumbnail_loc>https://cdn.example.com/n.jpg?a=1&amp;b=2</video:thumbnail_loc>
  <video:title>Nosferatu &amp; friends</video:title><video:description><![CDATA[Murnau <1922>]]></video:description>
  <video:duration>5640</video:duration><video:publication_date>2026-01-31T19:20+02:00</video:publication_date>
  <video:expiration_date>2027-01-31</video:expiration_date><video:family_friendly>yes</video:family_friendly>
</video:video><video:video><video:title>Trailer</video:title></video:video></url>`),
    )
    expect(errors).toEqual([])
    expect(rows).toEqual([
      {
        ...{ line: 4, id: 'nosferatu', products: [] },
        fields: {
          ...{ type: 'video', title: 'Nosferatu & friends', description: 'Murnau <1922>' },
          ...{ imageUrl: 'https://cdn.example.com/n.jpg?a=1&b=2', durationSeconds: 5640 },
          ...{ availableFrom: '2026-01-31T17:20:00.000Z', availableUntil: '2027-01-31T00:00:00.000Z' },
        },
      },
      { line: 9, id: 'nosferatu-2', fields: { type: 'video', title: 'Trailer' }, products: [] },
    ])
  })

  test('an invalid video is reported with its element, and all other videos are read', async () => {
    const video = (id: string, content: string) =>
      `\n<url><loc>https://example.com/${id}</loc><video:video>${content}</video:video></url>`
    const text = sitemap(
      video('a', '<video:duration>long</video:duration>') +
        video('b', '<video:thumbnail_loc>ftp://example.com/b.jpg</video:thumbnail_loc>') +
        '\n<url><video:video><video:title>C</video:title></video:video></url>' +
        video('d', '<video:title>D</video:title>'),
    )
    expect(await errorsIn(text)).toEqual([
      '3 video:duration: Expected a whole number, such as 5640 (seconds)',
      '4 video:thumbnail_loc: Expected an address that begins with https:// or http://',
      '5 loc: Expected an address or an id in loc',
    ])
    expect((await readFile(text)).rows).toMatchObject([{ line: 6, id: 'd' }])
  })

  test('a sitemap index is not accepted as a sitemap', async () => {
    await expect(readFile(sitemap('<sitemap><loc>https://example.com/1.xml</loc></sitemap>', 'sitemapindex'))).rejects.toThrow(
      'This is a sitemap index. Import each sitemap that it lists',
    )
  })

  test.each([
    ['https://example.com/films/nosferatu', 'nosferatu'],
    ['https://example.com/films/nosferatu.html', 'nosferatu.html'],
    ['https://example.com/films/42/', '42'],
    ['https://example.com/watch?v=a_b-1', 'watch-v-a_b-1'],
    ['https://example.com/a/Der%20Golem', 'a-Der-Golem'],
    ['https://example.com/', 'example.com'],
    ['urn:uuid:1-2', 'urn:uuid:1-2'],
    ['yt:video:abc', 'yt:video:abc'],
    ['Post No. 7', 'Post-No.-7'],
  ])('the id of %s is %s', (address, id) => {
    expect(idOfAddress(address)).toBe(id)
  })

  test('a long address gets an id made of its beginning and a hash of the whole address', () => {
    const [a, b] = ['1', '2'].map((end) => idOfAddress(`https://example.com/watch?v=${'x'.repeat(200)}${end}`))
    expect(a).toMatch(/^watch-v-x+-[0-9a-f]{8}$/)
    expect(a).toHaveLength(128)
    expect(a).not.toBe(b)
  })
})

describe('a Media RSS feed', () => {
  test('each item is a row, whichever prefix and group the feed uses', async () => {
    const { rows, errors } = await readFile(
      feed(`
<item><guid isPermaLink="false">film-1</guid><title>Item</title><description>About</description>
  <m:group><m:content url="https://cdn.example.com/1.mp4" type="video/mp4" duration="5640.4"/><m:title>Media title</m:title>
  <m:thumbnail url="https://cdn.example.com/1.jpg"/></m:group></item>
<item><link>https://example.com/audio/2</link><title>Album</title><m:content url="https://cdn.example.com/2.mp3" medium="audio"/>
  <m:content url="https://cdn.example.com/2.jpg" medium="image"/></item>`),
    )
    expect(errors).toEqual([])
    expect(rows).toEqual([
      {
        ...{ line: 4, id: 'film-1', products: [] },
        fields: {
          ...{ type: 'video', title: 'Media title', description: 'About', durationSeconds: 5640 },
          imageUrl: 'https://cdn.example.com/1.jpg',
        },
      },
      { line: 7, id: '2', fields: { type: 'content', title: 'Album' }, products: [] },
    ])
  })

  test('an item with neither guid nor link is reported', async () => {
    expect(await errorsIn(feed('<item><title>A</title></item>'))).toEqual(['3 guid: Expected an address or an id in guid'])
  })
})

describe('XML that attacks the reader', () => {
  const lol = '<!ENTITY a "lol">' + '<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
  test.each([
    ['entities that grow', `<!DOCTYPE rss [${lol}]><rss><item><title>&b;</title></item></rss>`, 'has a DOCTYPE'],
    [
      'an external entity',
      '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><item><title>&x;</title></item></rss>',
      'has a DOCTYPE',
    ],
    ['an external DTD', '<!DOCTYPE rss SYSTEM "http://127.0.0.1/x.dtd"><rss></rss>', 'has a DOCTYPE'],
    ['an undefined entity', feed('<item><title>&x;</title></item>'), 'The XML cannot be read: Invalid character entity'],
    ['a document that ends early', feed('<item><guid>a</guid>').slice(0, -30), 'The XML cannot be read'],
    ['crossed elements', '<rss><item><title></item></title></rss>', 'The XML cannot be read: Unexpected close tag'],
    ['an endless element name', `<rss><${'x'.repeat(3_000_000)}`, 'The XML cannot be read: Max buffer length exceeded'],
    ['an endless text', `<rss><item><title>${'x'.repeat(3_000_000)}`, 'The item has more than 1000000 characters'],
    ['endless elements', `<rss><item>${'<a/>'.repeat(20_000)}`, 'The item has more than 10000 elements'],
    ['another document', '<html><body/></html>', 'Expected a video sitemap (<urlset>) or a Media RSS feed (<rss>)'],
  ])('%s', async (_name, text, message) => {
    await expect(readFile(text, undefined, 65_536)).rejects.toThrow(message)
  })

  test('rows before an error are read', async () => {
    const text = feed('<item><guid>a</guid></item><item><title>&x;</title></item>')
    const { parseCatalog } = await import('../src/index.ts')
    const ids: string[] = []
    const read = async () => {
      for await (const parsed of parseCatalog(
        (async function* () {
          yield text
        })(),
      )) {
        if ('row' in parsed) ids.push(parsed.row.id)
      }
    }
    await expect(read()).rejects.toMatchObject({ name: 'UnreadableFile', line: 3 })
    expect(ids).toEqual(['a'])
  })
})
