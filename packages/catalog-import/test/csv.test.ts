import { describe, expect, test } from 'vitest'
import { errorsIn, readFile } from './read-file.ts'

const header = 'id,type,title,description,image_url,duration,status,available_from,available_until,member_of'
const prices = 'price_usd,price_eur,access_days,rental_start_days,rental_watch_hours'

test('every column is read into its API field', async () => {
  const cells =
    'film-1,video,Nosferatu,A film,https://cdn.example.com/n.jpg,5640,draft,2026-01-31,2027-01-31T12:00+02:00,silent#3 classics'
  const { rows, errors } = await readFile(`${header},${prices}\n${cells},4.99,"4,49",30,,\n`)
  expect(errors).toEqual([])
  expect(rows).toEqual([
    {
      line: 2,
      id: 'film-1',
      fields: {
        type: 'video',
        title: 'Nosferatu',
        description: 'A film',
        imageUrl: 'https://cdn.example.com/n.jpg',
        durationSeconds: 5640,
        status: 'draft',
        availableFrom: '2026-01-31T00:00:00.000Z',
        availableUntil: '2027-01-31T10:00:00.000Z',
        memberOf: [{ id: 'silent', position: 3 }, { id: 'classics' }],
      },
      products: [
        {
          prices: [
            { currency: 'usd', amount: 499 },
            { currency: 'eur', amount: 449 },
          ],
          accessDurationDays: 30,
          rental: null,
        },
      ],
    },
  ])
})

test('an empty cell keeps the current value, and null clears it', async () => {
  const { rows } = await readFile(
    'id,title,description,image_url,duration,member_of,price_usd\na,,null,null,null,null,\nb, ,,,,,\n',
  )
  expect(rows.map(({ fields }) => fields)).toEqual([
    { title: undefined, description: null, imageUrl: null, durationSeconds: null, memberOf: null },
    {},
  ])
  expect(rows.map(({ products }) => products)).toEqual([[], []])
})

describe('dialects', () => {
  const expected = [
    { line: 2, id: 'a', fields: { title: 'Größe, "1"; 2' }, products: [] },
    { line: 3, id: 'b', fields: { title: 'two\nlines' }, products: [] },
    { line: 5, id: 'c', fields: { title: 'Ç' }, products: [] },
  ]
  test.each([
    ['comma', 'id,title\na,"Größe, ""1""; 2"\nb,"two\nlines"\nc,Ç'],
    ['semicolon', 'id;title\na;"Größe, ""1""; 2"\nb;"two\nlines"\nc;Ç\n'],
    ['tab', 'id\ttitle\na\t"Größe, ""1""; 2"\nb\t"two\nlines"\nc\tÇ\n'],
    ['CRLF', 'id,title\r\na,"Größe, ""1""; 2"\r\nb,"two\nlines"\r\nc,Ç\r\n'],
    ['byte-order mark', '\uFEFFid,title\na,"Größe, ""1""; 2"\nb,"two\nlines"\nc,Ç\n'],
    ['byte-order mark, semicolon, CRLF, upper case', '\uFEFFID;Title\r\na;"Größe, ""1""; 2"\r\nb;"two\nlines"\r\nc;Ç\r\n'],
    ['quoted header, empty columns', '"id","title",\na,"Größe, ""1""; 2",\nb,"two\nlines",\nc,Ç,\n'],
  ])('%s', async (_name, text) => {
    for (const size of [1, 7, 1_000_000]) {
      const { rows, errors } = await readFile(text, 'csv', size)
      expect(errors).toEqual([])
      expect(rows).toEqual(expected)
    }
  })

  test('lines that end with CR, and the separator line of Excel, are accepted', async () => {
    expect((await readFile('id,title\ra,A\rb,B\r')).rows.map(({ line, id }) => [line, id])).toEqual([
      [2, 'a'],
      [3, 'b'],
    ])
    expect((await readFile('sep=;\r\nid;title\r\na;A\r\n')).rows).toMatchObject([{ line: 3, id: 'a', fields: { title: 'A' } }])
  })

  test('empty lines are skipped and counted', async () => {
    expect((await readFile('id,title\n\na,A\n,,\n\nb,B\n\n')).rows.map(({ line, id }) => [line, id])).toEqual([
      [3, 'a'],
      [6, 'b'],
    ])
  })
})

describe('an invalid row is reported with line and column, and all other rows are read', () => {
  test.each([
    ['no id', ',video,A,,,,,,,', '2 id: Expected 1 to 128 of the characters'],
    ['a space in the id', 'a b,video,A,,,,,,,', '2 id: Expected 1 to 128 of the characters'],
    ['an id of dots', '..,video,A,,,,,,,', '2 id: Expected 1 to 128 of the characters'],
    ['a long id', `${'a'.repeat(129)},video,A,,,,,,,`, '2 id: Expected 1 to 128 of the characters'],
    ['an unknown type', 'a,film,A,,,,,,,', '2 type: Expected video, channel or content'],
    ['a cleared title', 'a,video,null,,,,,,,', '2 title: This value cannot be cleared: leave it empty to keep the current value'],
    [
      'a javascript: URL as the image',
      'a,video,A,,javascript:alert(1),,,,,',
      '2 image_url: Expected an address that begins with https://',
    ],
    ['a fraction as the duration', 'a,video,A,,,1.5,,,,', '2 duration: Expected a whole number, such as 5640 (seconds)'],
    ['a negative duration', 'a,video,A,,,-1,,,,', '2 duration: Expected a whole number'],
    ['an unknown status', 'a,video,A,,,,live,,,', '2 status: Expected draft, published or archived'],
    [
      'a German date',
      'a,video,A,,,,,31.01.2026,,',
      '2 available_from: Expected a time with its zone, such as 2026-12-31T23:59:00Z',
    ],
    ['a time without zone', 'a,video,A,,,,,,2026-01-31 12:00:00,', '2 available_until: Expected a time with its zone'],
    ['a day that does not exist', 'a,video,A,,,,,,2026-02-30,', '2 available_until: Expected a time with its zone'],
    ['a slash in a container', 'a,video,A,,,,,,,b/c', '2 member_of: Expected 1 to 128 of the characters'],
    ['a position that is not a number', 'a,video,A,,,,,,,b#first', '2 member_of: Expected a whole number'],
    [
      'too many cells',
      'a,video,A,x,,,,,,,y',
      '2 null: The row has 11 cells, but the header has 10. Put cells that contain the separator in quotes',
    ],
    [
      'malformed quotes',
      'a,video,"A "B" C,,,,,,,',
      '2 null: A quoted cell is malformed. Close its quote, and double each quote inside it',
    ],
  ])('%s', async (_name, row, error) => {
    const text = `${header}\n${row}\nz,video,Z,,,,,,,\n`
    expect(await errorsIn(text)).toEqual([expect.stringContaining(error)])
    expect((await readFile(text)).rows).toMatchObject([{ line: 3, id: 'z' }])
  })

  test.each([
    [
      '1,250',
      'usd',
      'price_usd: "1,250" is not an amount. The separator could mean thousands or decimals. Write 1250.00 or 1.25',
    ],
    ['1.250', 'eur', 'price_eur: "1.250" is not an amount. The separator could mean thousands or decimals'],
    ['$4.99', 'usd', 'price_usd: "$4.99" is not an amount. Expected a number in USD without a symbol'],
    ['0.10', 'usd', "price_usd: Expected at least 0.50 USD, Stripe's minimum"],
    ['0.10', 'eur', "price_eur: Expected at least 0.50 EUR, Stripe's minimum"],
    ['9999999', 'usd', "price_usd: Expected at most 999999.99 USD, Stripe's maximum"],
  ])('price %s %s', async (price, currency, error) => {
    const cells = currency === 'usd' ? `"${price}",` : `,"${price}"`
    expect(await errorsIn(`id,price_usd,price_eur\na,${cells}\n`)).toEqual([expect.stringContaining(`2 ${error}`)])
  })

  test.each([
    ['access_days without a price', ',30,,', 'access_days: Expected a price in a price_<currency> column'],
    ['access_days and a rental', '4.99,30,30,48', 'access_days: A product can have a length of access or a rental, but not both'],
    ['only one of the two rental columns', '4.99,,30,', 'rental_watch_hours: Expected a whole number: a rental needs both'],
    ['zero days', '4.99,0,,', 'access_days: Expected at least 1'],
    ['text as days', '4.99,a month,,', 'access_days: Expected a whole number, such as 30'],
  ])('%s', async (_name, cells, error) => {
    const text = `id,price_usd,access_days,rental_start_days,rental_watch_hours\na,${cells}\n`
    expect(await errorsIn(text)).toEqual([expect.stringContaining(`2 ${error}`)])
  })

  test('several errors of a row are reported together', async () => {
    expect((await errorsIn('id,type,duration,price_usd\na b,film,x,y\n')).map((error) => error.split(':')[0]).sort()).toEqual([
      '2 duration',
      '2 id',
      '2 price_usd',
      '2 type',
    ])
  })
})

describe('a file that cannot be read', () => {
  test.each([
    ['an unknown column', 'id,titel\na,A\n', 'Unknown column "titel". Expected id, type, title'],
    ['a repeated column', 'id,title,Title\na,A,B\n', 'The column title appears twice'],
    ['no id column', 'title\nA\n', 'The first line must be a header with an "id" column'],
    ['a currency that Stripe does not charge in', 'id,price_xyz\na,1\n', 'price_xyz: Stripe does not charge in xyz'],
    ['nothing', '', 'The file is empty'],
    ['a JSON array', '[{"id":"a"}]', 'Expected JSON Lines: one object per line, not an array'],
    ['an endless line', `id,title\na,${'x'.repeat(1_100_000)}`, 'The line has more than 100000 characters'],
  ])('%s', async (_name, text, message) => {
    await expect(readFile(text, undefined, 65_536)).rejects.toThrow(message)
  })

  test('another encoding', async () => {
    const latin1 = new Uint8Array([...'id,title\na,Gr'].map((character) => character.charCodeAt(0)).concat(0xf6, 0xdf, 0x65))
    await expect(readFile(latin1)).rejects.toThrow('The file is not in UTF-8')
    await expect(readFile(new Uint8Array([0xff, 0xfe, 0x69, 0x00]))).rejects.toThrow('The file is not in UTF-8')
  })
})

test('an unclosed quote affects no other rows, wherever the file is split into chunks', async () => {
  const rows = Array.from({ length: 3_000 }, (_, index) => `film-${index},"Film ""${index}"""`)
  const text = ['id,title', 'a,"unclosed', ...rows, 'b,"inch" sign",x', 'c,C', 'd,"unclosed', 'e,E'].join('\n')
  for (const size of [100, 65_536, 1_000_000]) {
    const { rows, errors } = await readFile(text, 'csv', size)
    expect(errors.map(({ line }) => line)).toEqual([2, 3_003, 3_005])
    expect(rows).toHaveLength(3_002)
    expect(rows[2_999]).toEqual({ line: 3_002, id: 'film-2999', fields: { title: 'Film "2999"' }, products: [] })
  }
})

test('a row with only an id and a price directly below its entity adds a product; any other repeated id remains a separate row', async () => {
  const { rows } = await readFile('id,title,price_usd,access_days\na,A,4.99,30\na,,12.99,\nb,B,,\na,,9.99,\n')
  expect(rows.map(({ id, products }) => [id, products.map(({ prices }) => prices[0]?.amount)])).toEqual([
    ['a', [499, 1299]],
    ['b', []],
    ['a', [999]],
  ])
})

test('formulas that an export has guarded are read as the original text', async () => {
  const { rows } = await readFile(`id,title\na,'=1+1\nb,=1+1\nc,'null\nd,"Rock, 'n' roll"\n`)
  expect(rows.map(({ fields }) => fields.title)).toEqual(['=1+1', '=1+1', 'null', "Rock, 'n' roll"])
})
