import { closeDb, createDb } from '@pay-to-view/db'
import {
  catalogIdPattern,
  formatMoney,
  fractionDigits,
  hasThousandsSeparator,
  isSupportedCurrency,
  maximumCharge,
  parseAmount,
  smallestStep,
} from '@pay-to-view/purchase'
import { couponProductsKey, createGateway, createStripe, type NewPromotionCode, type StripeGateway } from '@pay-to-view/stripe'
import { type Command, Option } from 'commander'
import { z } from 'zod'
import { environments, readEnvironment } from './env.ts'
import { parseWith } from './options.ts'

interface CreateOptions {
  percentOff?: number
  amountOff?: string
  currency?: string
  maxRedemptions?: number
  /** Seconds since the epoch. */
  expires?: number
  firstPurchase: boolean
  minimumAmount?: string
  product: string[]
}

const openGateway = (): StripeGateway => {
  const { STRIPE_SECRET_KEY: secretKey, STRIPE_API_BASE: apiBase } = readEnvironment(environments.stripe)
  return createGateway(createStripe({ secretKey, apiBase }))
}

type ListedCode = StripeGateway['listPromotionCodes'] extends (...args: never[]) => AsyncGenerator<(infer Item)[]> ? Item : never

const listCodes = async (stripe: StripeGateway, filter: { active?: true; code?: string }): Promise<ListedCode[]> => {
  const found: ListedCode[] = []
  for await (const page of stripe.listPromotionCodes(filter)) found.push(...page)
  return found
}

/** Describes a valid amount, given in the major unit of the currency. */
const exampleOf = (currency: string): string =>
  fractionDigits(currency) === 0 ? '500' : smallestStep(currency) === 100 ? '5' : '5 or 4.99'

/**
 * Parses an amount in the major unit of the currency: `5` or `4.99` for usd, `500` for jpy. Returns the amount in the minor unit. A discount
 * that Stripe cannot subtract would lead to a total that it cannot charge.
 */
const amountOf = (text: string, currency: string | undefined, option: string): { amount: number; currency: string } => {
  if (currency === undefined) throw new Error(`${option} needs --currency, such as --currency usd`)
  const amount = parseAmount(text, currency)
  const [step, money] = [smallestStep(currency), (limit: number): string => formatMoney(limit, currency)]
  if (amount === null || amount === 0) {
    const form = fractionDigits(currency) === 0 ? 'the amount without separators' : 'at most two decimals'
    const hint = hasThousandsSeparator(text) ? `. The separator could be a thousands separator: write ${form}` : ''
    throw new Error(`${option}: expected an amount in ${currency}, such as ${exampleOf(currency)}, got ${text}${hint}`)
  }
  if (amount > maximumCharge)
    throw new Error(`${option}: expected at most ${money(maximumCharge)}, Stripe's maximum, got ${text}`)
  if (amount % step !== 0)
    throw new Error(`${option}: expected a multiple of ${money(step)}, because Stripe accepts no other amounts, got ${text}`)
  return { amount, currency }
}

const discountOf = ({ percentOff, amountOff, currency }: CreateOptions): NewPromotionCode['discount'] => {
  if (percentOff !== undefined) return { percentOff }
  if (amountOff === undefined) throw new Error('Expected --percent-off or --amount-off')
  const { amount, ...rest } = amountOf(amountOff, currency, '--amount-off')
  return { amountOff: amount, ...rest }
}

/** Throws if a product does not exist, and prints which products do not accept codes. */
const checkProducts = async (ids: readonly string[]): Promise<void> => {
  if (ids.length === 0) return
  const db = createDb(readEnvironment(environments.databaseAndStripe).DATABASE_URL, { connections: 1 })
  try {
    const found = await db.product.findMany({ where: { id: { in: [...ids] } }, select: { id: true, allowPromotionCodes: true } })
    const missing = ids.filter((id) => !found.some((product) => product.id === id))
    if (missing.length > 0) throw new Error(`--product: ${missing.join(', ')} not found in the catalog`)
    for (const { id, allowPromotionCodes } of found)
      if (!allowPromotionCodes) console.error(`${id} does not accept promotion codes: set its allowPromotionCodes to true.`)
  } finally {
    await closeDb(db)
  }
}

const create = async (code: string, options: CreateOptions): Promise<number> => {
  const { maxRedemptions = null, expires = null, minimumAmount, currency, product } = options
  const promotion: NewPromotionCode = {
    ...{ code, discount: discountOf(options), maxRedemptions, expiresAt: expires, firstPurchaseOnly: options.firstPurchase },
    minimum: minimumAmount === undefined ? null : amountOf(minimumAmount, currency, '--minimum-amount'),
    productIds: product,
  }
  await checkProducts(product)
  const stripe = openGateway()
  const earlier = await listCodes(stripe, { code })
  if (earlier.some(({ active }) => active)) {
    console.error(`${code} already exists and is active. Deactivate it first: npm run promotion-codes -- deactivate ${code}`)
    return 1
  }
  const created = await stripe.createPromotionCode(
    promotion,
    earlier.map(({ id }) => id),
  )
  console.log(`Created ${created.code} (${created.id}).`)
  return 0
}

const timeOf = (seconds: number): string => new Date(seconds * 1000).toISOString()

const couponText = (promotion: ListedCode['promotion']): string => {
  const { coupon } = promotion
  if (coupon === null || typeof coupon === 'string') return 'unknown discount'
  const { percent_off, amount_off, currency, metadata } = coupon
  const discount = amount_off === null || currency === null ? `${percent_off}%` : formatMoney(amount_off, currency)
  const products = metadata?.[couponProductsKey]
  return products ? `${discount} off ${products}` : `${discount} off`
}

const describe = ({ code, active, promotion, times_redeemed, max_redemptions, expires_at, restrictions }: ListedCode): string => {
  const { first_time_transaction, minimum_amount, minimum_amount_currency } = restrictions
  return [
    ...[code, active ? 'active' : 'inactive', couponText(promotion)],
    `redeemed ${times_redeemed}${max_redemptions === null ? '' : ` of ${max_redemptions}`}`,
    expires_at === null ? 'does not expire' : `expires ${timeOf(expires_at)}`,
    ...(first_time_transaction ? ['first purchase'] : []),
    ...(minimum_amount !== null && minimum_amount_currency !== null
      ? [`from ${formatMoney(minimum_amount, minimum_amount_currency)}`]
      : []),
  ].join('  ')
}

const list = async ({ all }: { all: boolean }): Promise<void> => {
  for await (const page of openGateway().listPromotionCodes(all ? {} : { active: true }))
    for (const code of page) console.log(describe(code))
}

const deactivate = async (code: string): Promise<number> => {
  const stripe = openGateway()
  const active = await listCodes(stripe, { code, active: true })
  for (const { id } of active) await stripe.deactivatePromotionCode(id)
  if (active.length > 0) console.log(`${code} is deactivated. Checkouts that are already open keep it until they expire.`)
  else console.error(`There is no active code ${code}. The "list" command prints the codes.`)
  return active.length > 0 ? 0 : 1
}

const codeText = z.string().regex(/^[A-Za-z0-9-]{1,500}$/, 'Expected letters, digits and hyphens')
const percent = z.coerce.number('Expected a number, such as 20').gt(0, 'Expected more than 0').max(100, 'Expected at most 100')
const count = z.coerce.number('Expected a whole number').int('Expected a whole number').min(1, 'Expected at least 1')
const currencyCode = z.string().toLowerCase().refine(isSupportedCurrency, 'Expected a currency that Stripe supports, such as usd')

/** A date without a time means the end of that day. */
const expiry = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], 'Expected 2026-12-31 or 2026-12-31T18:00:00Z')
  .transform((text) => {
    const time = text.includes('T') ? Date.parse(text) : Date.parse(`${text}T00:00:00Z`) + 86_400_000
    return Math.floor(time / 1000)
  })
  .refine((seconds) => seconds > Date.now() / 1000, 'Expected a time in the future')

/** Stripe's maximum length of a metadata value. */
const maxMetadataLength = 500
const productId = z.string().regex(catalogIdPattern, 'Expected the id of a product')
const readProduct = parseWith(productId)
const readProducts = (text: string, previous: string[] = []): string[] => {
  const ids = [...previous, readProduct(text)]
  const tooLong = `Expected ids with at most ${maxMetadataLength} characters in total`
  parseWith(z.string().max(maxMetadataLength, tooLong))(ids.join(','))
  return ids
}

/** Adds the `npm run promotion-codes -- create|list|deactivate` commands. */
export const addPromotionCodeCommands = (program: Command): void => {
  const commands = program
    .command('promotion-codes')
    .description('create, list and deactivate promotion codes in Stripe (docs/money.md)')
  commands
    .command('create')
    .description('create a promotion code and its coupon')
    .argument('<code>', 'as buyers type it, such as SUMMER20', parseWith(codeText))
    .addOption(
      new Option('--percent-off <percent>', 'such as 20; 100 makes the purchase free')
        .argParser(parseWith(percent))
        .conflicts('amountOff'),
    )
    .option('--amount-off <amount>', 'in the major unit of --currency, such as 5 or 4.99')
    .addOption(
      new Option('--currency <code>', 'the currency of --amount-off and --minimum-amount').argParser(parseWith(currencyCode)),
    )
    .addOption(
      new Option('--max-redemptions <number>', 'how many times the code can be used; by default, there is no limit').argParser(
        parseWith(count),
      ),
    )
    .addOption(new Option('--expires <date>', 'the last day (in UTC), or a time with a time zone').argParser(parseWith(expiry)))
    .option('--first-purchase', 'only for customers who have not paid anything on this Stripe account', false)
    .option('--minimum-amount <amount>', 'the lowest price to which the code applies, in the major unit of --currency')
    .addOption(
      new Option('--product <id...>', 'only for these products; checked when a purchase is created with the code')
        .argParser(readProducts)
        .default([]),
    )
    .action(async (code: string, options: CreateOptions) => {
      process.exitCode = await create(code, options)
    })
  commands
    .command('list')
    .description('list the active codes, newest first')
    .option('--all', 'also list codes that are deactivated, expired or used up', false)
    .action(list)
  commands
    .command('deactivate')
    .description('deactivate a code permanently; purchases that used it keep their price')
    .argument('<code>', 'in upper or lower case', parseWith(codeText))
    .action(async (code: string) => {
      process.exitCode = await deactivate(code)
    })
}
