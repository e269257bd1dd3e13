import { fractionDigits } from '@pay-to-view/purchase'
import type { Language, MailName } from './languages/index.ts'
import type { MailData, MailSite } from './mail-data.ts'

interface Row {
  label: string
  value: string
  isTotal: boolean
}

interface Link {
  label: string
  url: string
}

/** The input of the templates: all texts of an e-mail, in the user's language. */
export interface MailView {
  /** The name of the e-mail, such as `purchaseCompleted`. */
  name: MailName
  language: string
  /** The text direction of the language, as in HTML's `dir` attribute. */
  direction: 'ltr' | 'rtl'
  site: MailSite
  subject: string
  heading: string
  paragraphs: string[]
  rows: Row[]
  button: Link | null
  links: Link[]
}

export interface ViewOptions {
  site: MailSite
  language: Language
  /** A language tag such as `de-AT`, for dates and money. */
  locale: string
  timeZone: string
  /** The time at which the e-mail is sent. */
  now: Date
}

const rightToLeftScripts = new Set(['Adlm', 'Arab', 'Aran', 'Hebr', 'Mand', 'Nkoo', 'Rohg', 'Samr', 'Syrc', 'Thaa'])

export const directionOf = (locale: string): 'ltr' | 'rtl' =>
  rightToLeftScripts.has(new Intl.Locale(locale).maximize().script ?? '') ? 'rtl' : 'ltr'

/** Matches right-to-left letters and the characters that control text direction. */
const rightToLeft =
  /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}\p{Bidi_Control}]/u

/**
 * Isolates a value with a different text direction (with Unicode's first strong isolate), so the value does not change the order of the
 * words around it.
 */
const isolate = (value: string, direction: 'ltr' | 'rtl'): string =>
  value !== '' && (direction === 'rtl' || rightToLeft.test(value)) ? `\u2068${value}\u2069` : value

const fill = (text: string, values: Record<string, string>): string =>
  text.replaceAll(/\{(\w+)\}/g, (placeholder, name: string) => values[name] ?? placeholder)

/** For some currencies, Stripe uses a different number of decimals than Intl, for example two for ISK. */
export const formatAmountIn = (locale: string, amount: number, currency: string): string => {
  const digits = fractionDigits(currency)
  const format = { style: 'currency', currency, minimumFractionDigits: digits, maximumFractionDigits: digits } as const
  return new Intl.NumberFormat(locale, format).format(amount / 10 ** digits)
}

const formatTimeIn = (locale: string, timeZone: string, time: Date): string =>
  new Intl.DateTimeFormat(locale, {
    ...{ year: 'numeric', month: 'long', day: 'numeric', hour: 'numeric', minute: '2-digit' },
    ...{ timeZone, timeZoneName: 'short' },
  }).format(time)

const mailName = ({ type, price, refund, access, container }: MailData): MailName => {
  switch (type) {
    case 'email.purchase_completed':
      return 'purchaseCompleted'
    case 'email.withdrawn':
      return 'withdrawn'
    case 'email.refunded':
      if (refund === 0) return 'takenBack'
      return price.refunded < price.total ? 'partlyRefunded' : 'refunded'
    case 'email.access_ending':
      return access?.watchWithinHours === null || access === null ? 'accessEnding' : 'rentalNotStarted'
    case 'email.event_starting':
      return 'eventStarting'
    case 'email.event_moved':
      return 'eventMoved'
    case 'email.event_canceled':
      if (container !== null) return 'partCanceled'
      return refund !== null && refund > 0 ? 'eventCanceled' : 'freeEventCanceled'
    default:
      return type satisfies never
  }
}

/** The time by which the worker's clock may be behind Postgres's clock. */
const clockToleranceMs = 60_000

const isLink = (url: string | null): url is string => url !== null && /^https?:\/\//i.test(url)

const formatHoursIn = (locale: string, hours: number): string =>
  new Intl.NumberFormat(locale, { style: 'unit', unit: 'hour', unitDisplay: 'long' }).format(hours)

type Format = { money: (amount: number) => string; time: (time: Date) => string; hours: (hours: number) => string }

const priceRows = ({ price }: MailData, { labels }: Language, { money }: Format): Row[] => {
  const { subtotal, discount, promotionCode, tax, isTaxIncluded, total } = price
  const discountLabel = promotionCode === null ? labels.discount : fill(labels.discountWithCode, { code: promotionCode })
  const row = (label: string, value: string, isTotal = false): Row => ({ label, value, isTotal })
  return [
    ...(discount > 0 || (tax > 0 && !isTaxIncluded) ? [row(labels.subtotal, money(subtotal))] : []),
    ...(discount > 0 ? [row(discountLabel, money(-discount))] : []),
    ...(tax > 0 && !isTaxIncluded ? [row(labels.tax, money(tax))] : []),
    row(labels.total, money(total), true),
    ...(tax > 0 && isTaxIncluded ? [row(labels.includedTax, money(tax))] : []),
  ]
}

const accessRows = ({ access }: MailData, { labels }: Language, { time, hours }: Format): Row[] => {
  if (!access?.isActive) return []
  const { startsAt, expiresAt, watchWithinHours } = access
  const row = (label: string, value: string): Row => ({ label, value, isTotal: false })
  return [
    row(labels.starts, time(startsAt)),
    expiresAt === null
      ? row(labels.access, labels.permanent)
      : row(watchWithinHours === null ? labels.expires : labels.startBy, time(expiresAt)),
    ...(watchWithinHours === null
      ? []
      : [row(labels.watchWithin, fill(labels.hours, { hours: String(watchWithinHours), duration: hours(watchWithinHours) }))]),
  ]
}

const rowsOf = (data: MailData, language: Language, format: Format): Row[] => {
  const { labels } = language
  const row = (label: string, value: string): Row => ({ label, value, isTotal: false })
  const order = row(labels.order, data.purchaseId)
  const { consent, withdrawnAt } = data
  const withdrawal = withdrawnAt ? [row(labels.withdrawn, format.time(withdrawnAt))] : []
  if (data.type === 'email.purchase_completed')
    return [
      ...[row(labels.item, data.title), row(labels.product, data.product), order],
      ...(data.paidAt ? [row(labels.date, format.time(data.paidAt))] : []),
      ...accessRows(data, language, format),
      ...(consent
        ? [row(labels.consent, fill(labels.consentGiven, { time: format.time(consent.at), version: consent.version }))]
        : []),
      ...priceRows(data, language, format),
    ]
  if (data.type !== 'email.refunded' && data.type !== 'email.withdrawn')
    return data.type === 'email.event_canceled' ? [order] : []
  if (data.refund !== null && data.refund > 0)
    return [order, { label: labels.refund, value: format.money(data.refund), isTotal: true }, ...withdrawal]
  return [order, ...withdrawal]
}

/** Whether the purchased access has started by `now`. It may start later, for example with a release. */
const hasStarted = ({ access }: MailData, now: Date): boolean =>
  access?.isActive === true && access.startsAt.getTime() <= now.getTime() + clockToleranceMs

/** Whether the e-mail is about something that can be watched now or, for a live event, within an hour. */
const opensPlayer = (data: MailData, now: Date): boolean =>
  (data.type === 'email.purchase_completed' && hasStarted(data, now)) ||
  data.type === 'email.access_ending' ||
  data.type === 'email.event_starting'

const watchUrl = ({ entityId }: MailData, { url }: MailSite): string | null =>
  url?.replaceAll(/\{entityId\}|%7BentityId%7D/gi, () => encodeURIComponent(entityId)) ?? null

/** Returns the texts of an e-mail in one language. */
export const mailView = (data: MailData, { site, language, locale, timeZone, now }: ViewOptions): MailView => {
  const direction = directionOf(locale)
  const format: Format = {
    money: (amount) => formatAmountIn(locale, amount, data.currency),
    time: (time) => formatTimeIn(locale, timeZone, time),
    hours: (hours) => formatHoursIn(locale, hours),
  }
  const name = mailName(data)
  const { access } = data
  const texts = {
    ...{
      title: data.title,
      container: data.container ?? '',
      product: data.product,
      site: site.name,
      amount: format.money(data.refund ?? 0),
    },
    ...{ time: data.at ? format.time(data.at) : '', hours: String(access?.watchWithinHours ?? '') },
    duration: access?.watchWithinHours ? format.hours(access.watchWithinHours) : '',
  }
  const values = Object.fromEntries(Object.entries(texts).map(([key, value]) => [key, isolate(value, direction)]))
  const { subject, heading, paragraphs } = language.mails[name]
  const { labels } = language
  const link = (label: string, url: string | null): Link[] => (isLink(url) ? [{ label, url }] : [])
  const isAboutMoney = data.type === 'email.purchase_completed' || data.type === 'email.refunded'
  return {
    ...{ name, language: locale, direction, site },
    // Line breaks are removed, because a header is a single line.
    subject: fill(subject, values).replaceAll(/\s+/g, ' '),
    heading: fill(heading, values),
    paragraphs: paragraphs.map((text) => fill(text, values)),
    rows: rowsOf(data, language, format),
    button: (opensPlayer(data, now) && link(labels.watch, watchUrl(data, site))[0]) || null,
    links: [
      ...(isAboutMoney ? [...link(labels.receipt, data.receiptUrl), ...link(labels.invoice, data.invoiceUrl)] : []),
      ...link(labels.terms, site.termsUrl),
    ],
  }
}
