import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { createRenderer } from '../src/create-renderer.ts'
import type { MailData, MailSite } from '../src/mail-data.ts'
import { sampleMails } from '../src/samples.ts'
import { readTemplates, writeDefaultTemplates } from '../src/template-files.ts'

const site: MailSite = {
  name: 'Cinema & Co',
  url: 'https://www.example.com/watch/{entityId}',
  color: '#1d4ed8',
  address: 'Cinema GmbH\nMain Street 1, Berlin',
  termsUrl: 'https://www.example.com/terms',
}

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

const folderWith = (files: Record<string, string>): string => {
  const folder = mkdtempSync(path.join(tmpdir(), 'mails-'))
  folders.push(folder)
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content)
  return folder
}

const rendererOf = (folder?: string, options: Partial<Parameters<typeof createRenderer>[0]> = {}) =>
  createRenderer({ site, templates: readTemplates(folder), defaultLanguage: 'en', timeZone: 'Europe/Berlin', ...options })

const [confirmation] = sampleMails()
const mail = (fields: Partial<MailData> = {}): MailData => {
  if (!confirmation) throw new Error('There is no sample')
  return { ...confirmation, ...fields }
}

/** The text with ordinary spaces instead of the special spaces that Intl uses. */
const plain = (text: string): string => text.replaceAll(/[\u00a0\u202f]/g, ' ')

describe('a purchase confirmation', () => {
  test('contains the item, every part of the price, the times, and links to receipt, invoice and terms', () => {
    const { subject, html, text } = rendererOf()(mail(), null)
    expect(subject).toBe('Your purchase: Nosferatu')
    for (const part of [
      ...['Nosferatu', '30-day rental', 'ptv_01m85eetz2e8qthwsqr5v0dh8g'],
      ...['Subtotal: €9.99', 'Discount (FRIENDS): -€2.00', 'Total: €7.99', 'Including tax: €1.28'],
      ...['Access until: December 30, 2026', 'Starts: November 30, 2026', 'GMT+1'],
      ...['https://pay.stripe.com/receipts/payment/example', 'https://invoice.stripe.com/i/example'],
      ...[
        'Terms: https://www.example.com/terms',
        'Watch now: https://www.example.com/watch/nosferatu',
        'Cinema & Co\nCinema GmbH',
      ],
    ])
      expect(plain(text)).toContain(part)
    expect(html).toContain('href="https://invoice.stripe.com/i/example"')
    expect(html).toContain('Cinema &amp; Co')
  })

  test("contains the buyer's consent, if any, with the version of its texts; the refund e-mail has the date of a withdrawal", () => {
    const { text } = rendererOf()(mail(), null)
    expect(plain(text)).toMatch(
      /Your consent: On November 30, 2026.*, you agreed to get access right away, .* \(version 2026-11-30\)\./,
    )
    expect(rendererOf()(mail({ consent: null }), null).text).not.toContain('Your consent')
    const withdrawnAt = new Date('2026-12-01T09:30:00Z')
    const received = mail({ type: 'email.withdrawn', refund: 799, at: withdrawnAt, withdrawnAt })
    expect(plain(rendererOf()(received, null).text)).toMatch(
      /received your withdrawal from the contract for “Nosferatu” on December 1, 2026[\s\S]*7\.99/,
    )
    const withdrawn = mail({ type: 'email.refunded', refund: 799, withdrawnAt })
    expect(plain(rendererOf()(withdrawn, 'de').text)).toMatch(/Widerruf eingegangen: 1\. Dezember 2026/)
    expect(rendererOf()(mail({ type: 'email.refunded', refund: 799 }), 'de').text).not.toContain('Widerruf')
  })

  test('escapes texts of sellers and buyers, but only in the HTML', () => {
    const title = '<script>alert("1")</script> & more'
    const { subject, html, text } = rendererOf()(mail({ title }), null)
    expect(subject).toBe(`Your purchase: ${title}`)
    expect(text).toContain(title)
    expect(html).not.toContain('<script')
    expect(html).toContain('&lt;script&gt;')
    const { html: page, text: plainText } = rendererOf()(mail({ invoiceUrl: 'javascript:alert(1)' }), null)
    expect(page + plainText).not.toContain('javascript:')
    const { html: quoted } = rendererOf()(mail({ receiptUrl: 'https://x.example/"onmouseover="alert(1)' }), null)
    expect(quoted).not.toContain('"onmouseover')
  })

  test('a line break in a title does not start another header', () => {
    expect(rendererOf()(mail({ title: 'A\r\nBcc: eve@example.com' }), null).subject).toBe('Your purchase: A Bcc: eve@example.com')
  })

  test.each([
    ['jpy', 500, 'Total: ¥500'],
    ['usd', 500, 'Total: $5.00'],
    ['kwd', 1250, 'Total: KWD 1.250'],
    ['isk', 50_000, 'Total: ISK 500.00'],
  ])('an amount in %s has as many decimals as in Stripe', (currency, total, expected) => {
    const price = { subtotal: total, discount: 0, promotionCode: null, tax: 0, isTaxIncluded: true, total, refunded: 0 }
    const { text } = rendererOf()(mail({ currency, price }), null)
    expect(plain(text)).toContain(expected)
    expect(text).not.toContain('Subtotal')
    expect(text).not.toContain('tax')
  })

  test('tax that is added to the price is part of the sum', () => {
    const price = { subtotal: 1000, discount: 0, promotionCode: null, tax: 190, isTaxIncluded: false, total: 1190, refunded: 0 }
    expect(plain(rendererOf()(mail({ price }), null).text)).toMatch(/Subtotal: €10\.00\s+Tax: €1\.90\s+Total: €11\.90/)
  })

  test('a discount and an added tax that cancel out are shown with the price that they start from', () => {
    const price = {
      ...{ subtotal: 1000, discount: 160, promotionCode: null, tax: 160 },
      ...{ isTaxIncluded: false, total: 1000, refunded: 0 },
    }
    expect(plain(rendererOf()(mail({ price }), null).text)).toMatch(
      /Subtotal: €10\.00\s+Discount: -€1\.60\s+Tax: €1\.60\s+Total: €10\.00/,
    )
  })

  test('permanent access and a rental that has not been started are described', () => {
    const [, rental, free] = sampleMails()
    expect(rental && plain(rendererOf()(rental, null).text)).toMatch(/Start watching by: December 30.*\s+Time to watch: 48 hours/)
    expect(free && plain(rendererOf()(free, null).text)).toMatch(/Access: permanent[\s\S]*Total: €0\.00/)
    expect(free && plain(rendererOf()(free, 'de').text)).toContain('Zugang: unbefristet')
  })
})

test('only e-mails about something that can be watched have a button to it, and a time has no leading zero with AM', () => {
  const at = new Date('2026-12-30T08:58:00Z')
  expect(rendererOf()(mail({ type: 'email.access_ending', at, entityId: 'a/b' }), null).text).toContain('/watch/a%2Fb')
  const moved = rendererOf()(mail({ type: 'email.event_moved', at }), null)
  expect(plain(moved.text)).toContain('It now starts on December 30, 2026 at 9:58 AM')
  expect(moved.text).not.toContain('Watch now')
  const { access } = mail()
  const preSold = mail({ access: access && { ...access, startsAt: at } })
  expect(rendererOf()(preSold, null, new Date(at.getTime() - 3_600_000)).text).not.toContain('Watch now')
  // For example, the payment was accepted late, or the mail server was down until after the release.
  expect(rendererOf()(preSold, null, at).text).toContain('Watch now')
})

test.each([
  [null, '1 hour after the start'],
  ['de', '1 Stunde nach dem Start'],
])('a rental of one hour is described in the singular (%s)', (locale, expected) => {
  const { access } = mail()
  const rental = access && { ...access, watchWithinHours: 1 }
  expect(plain(rendererOf()(mail({ access: rental }), locale).text)).toContain(expected)
})

test('a late confirmation promises no access that has been revoked in the meantime', () => {
  const { access } = mail()
  const { text } = rendererOf()(mail({ access: access && { ...access, isActive: false } }), null)
  expect(text).not.toMatch(/Access until|Watch now/)
  expect(text).toContain('Total')
})

describe('a language that is written from right to left', () => {
  const folder = () =>
    folderWith({
      'ar.json': JSON.stringify({ mails: { purchaseCompleted: { heading: 'شكرا', paragraphs: ['{title} ({site})'] } } }),
    })

  test('sets the direction in the HTML, and isolates a title of the other direction', () => {
    const { html, text } = rendererOf(folder())(mail(), 'ar-EG')
    expect(html).toMatch(/<html lang="ar-EG" dir="rtl">/)
    expect(html).toMatch(/<td align="left"[^>]*><bdi>/)
    expect(text).toContain('\u2068Nosferatu\u2069 (\u2068Cinema & Co\u2069)')
    expect(rendererOf()(mail(), 'de').html).toMatch(/<html lang="de" dir="ltr">/)
  })

  test('a title cannot change the direction of the sentence around it', () => {
    const { subject } = rendererOf()(mail({ title: 'A\u202eB' }), null)
    expect(subject).toBe('Your purchase: \u2068A\u202eB\u2069')
  })
})

describe('the language', () => {
  test.each([
    ['de-AT', 'Ihr Kauf: Nosferatu', '-€ 2,00'],
    ['de', 'Ihr Kauf: Nosferatu', '-2,00'],
    ['en-GB', 'Your purchase: Nosferatu', '-€2.00'],
    ['fr-FR', 'Your purchase: Nosferatu', '-€2.00'],
    ['x', 'Your purchase: Nosferatu', '-€2.00'],
    [null, 'Your purchase: Nosferatu', '-€2.00'],
  ])('of a buyer with %s gives "%s"', (locale, subject, discount) => {
    const rendered = rendererOf()(mail(), locale)
    expect(rendered.subject).toBe(subject)
    expect(plain(rendered.text)).toContain(discount)
  })

  test('for buyers with an unknown language is configurable, and a file adds a language', () => {
    expect(rendererOf(undefined, { defaultLanguage: 'de' })(mail(), 'fr').subject).toBe('Ihr Kauf: Nosferatu')
    const folder = folderWith({
      'fr.json': JSON.stringify({
        mails: { purchaseCompleted: { subject: 'Votre achat : {title}' } },
        labels: { total: 'Total TTC' },
      }),
    })
    const { subject, text } = rendererOf(folder)(mail(), 'fr-CA')
    expect(subject).toBe('Votre achat : Nosferatu')
    expect(text).toContain('Total TTC')
    // Texts that the file does not contain stay in English.
    expect(text).toContain('Thank you for your purchase')
    expect(() => rendererOf(undefined, { defaultLanguage: 'fr' })).toThrow('EMAIL_LANGUAGE: Expected one of en, de')
  })
})

describe('a folder of templates', () => {
  test('replaces the template of one e-mail or of all e-mails', () => {
    const folder = folderWith({
      'refunded.text.eta': 'Money: <%= it.rows[1].value %>',
      'mail.html.eta': '<p><%= it.heading %></p>',
    })
    const render = rendererOf(folder)
    const refunded = sampleMails().find(({ type, refund }) => type === 'email.refunded' && refund === 799)
    if (!refunded) throw new Error('There is no sample')
    expect(plain(render(refunded, null).text)).toBe('Money: €7.99')
    expect(render(refunded, null).html).toBe('<p>Your refund</p>')
    expect(render(mail(), null).text).toContain('Thank you for your purchase')
  })

  test.each([
    ['mail.html.eta', '<%= it.nothing.here %>'],
    ['mail.html.eta', '<% if ( { %>'],
    ['mail.htm.eta', ''],
    ['de.json', '{'],
    ['de.json', '{ "mails": { "unknown": {} } }'],
    ['de.json', '{ "mails": { "refunded": { "title": "x" } } }'],
  ])('with an unusable %s is rejected before the first mail: %s', (name, content) => {
    expect(() => rendererOf(folderWith({ [name]: content }))).toThrow()
  })

  test('can start from a copy of the defaults, which renders the same e-mails', () => {
    const folder = path.join(folderWith({}), 'own')
    expect(writeDefaultTemplates(folder).sort()).toEqual(readdirSync(folder).sort())
    expect(() => writeDefaultTemplates(folder)).toThrow('EEXIST')
    for (const data of sampleMails())
      for (const locale of ['en', 'de']) expect(rendererOf(folder)(data, locale)).toEqual(rendererOf()(data, locale))
  })
})

test('every e-mail has a subject, a heading and a text without placeholders, in every language', () => {
  const render = rendererOf()
  const subjects = { en: new Set<string>(), de: new Set<string>() }
  for (const data of sampleMails())
    for (const locale of ['en', 'de'] as const) {
      const { subject, html, text } = render(data, locale)
      subjects[locale].add(subject)
      expect(subject + html.replaceAll(/style="[^"]*"/g, '') + text).not.toMatch(/[{}]|undefined|null|NaN|Invalid/)
      expect(text).not.toMatch(/\n{3}/)
    }
  expect(subjects.en.size).toBe(10)
  expect([...subjects.de].filter((subject) => subjects.en.has(subject))).toEqual([])
})
