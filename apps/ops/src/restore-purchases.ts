import { closeDb, createDb, type LostPurchase, type RestoreResult, restorePurchase } from '@pay-to-view/db'
import { type AllowedDiscount, catalogIdPattern, idPattern, type TaxBehavior } from '@pay-to-view/purchase'
import {
  buildCheckoutRequest,
  createGateway,
  createStripe,
  isForeignSite,
  purchaseIdIn,
  type StripeGateway,
  siteIn,
} from '@pay-to-view/stripe'
import { environments, readEnvironment } from './env.ts'
import { createProgress } from './progress.ts'

export interface RestoreOptions {
  /** Seconds. */
  since: number
  dryRun: boolean
}

type Session = StripeGateway['listCheckoutSessions'] extends (...args: never[]) => AsyncGenerator<(infer Item)[]> ? Item : never

/** Returns the discount that the purchase allows, read from its session. A code that the session was created with is in its discounts from the start. */
const allowedDiscountOf = ({ allow_promotion_codes, discounts }: Session): AllowedDiscount => {
  if (allow_promotion_codes) return { kind: 'any' }
  const code = discounts?.[0]?.promotion_code ?? null
  if (code === null || typeof code === 'string') return { kind: 'none' }
  return { kind: 'code', promotionCodeId: code.id, code: code.code }
}

const taxBehaviorOf = ({ automatic_tax, line_items }: Session): TaxBehavior | null => {
  if (!automatic_tax.enabled) return null
  return line_items?.data[0]?.price?.tax_behavior === 'exclusive' ? 'exclusive' : 'inclusive'
}

/** The purchase that one of our checkout sessions belongs to, or null if the metadata of the session is incomplete. */
const lostPurchaseOf = (session: Session): LostPurchase | null => {
  const id = purchaseIdIn(session.metadata)
  const { userId, entityId, payToViewProductId: productId } = session.metadata ?? {}
  const { amount_subtotal: amount, currency } = session
  const [allowedDiscount, taxBehavior] = [allowedDiscountOf(session), taxBehaviorOf(session)]
  if (id === null || !userId || !entityId || !productId || !amount || !currency) return null
  if (!idPattern('purchase').test(id) || ![entityId, productId].every((catalogId) => catalogIdPattern.test(catalogId)))
    return null
  const stripeCustomerId = typeof session.customer === 'string' ? session.customer : (session.customer?.id ?? null)
  const checkoutDeadline = new Date(session.expires_at * 1000)
  return {
    ...{ id, userId, entityId, productId, amount, currency, allowedDiscount, taxBehavior, stripeCustomerId, checkoutDeadline },
    sessionId: session.id,
    createdAt: new Date(session.created * 1000),
    isSessionOpen: session.status === 'open',
    buildCheckoutRequest: ({ productName, taxCode, entity: { type, title } }) =>
      buildCheckoutRequest({
        ...{
          purchaseId: id,
          userId,
          stripeCustomerId: stripeCustomerId ?? '',
          expiresAt: checkoutDeadline,
        },
        product: { id: productId, name: productName, amount, currency, taxCode },
        ...{ allowedDiscount, taxBehavior },
        entity: { id: entityId, type, title },
        returnUrl: '',
        options: {
          redirect: 'never',
          automaticTax: taxBehavior !== null,
          collectTaxIds: session.tax_id_collection?.enabled === true,
          createInvoices: session.invoice_creation?.enabled === true,
          site: siteIn(session.metadata) ?? undefined,
        },
      }),
  }
}

const messages: Record<Exclude<RestoreResult, 'exists'>, (lost: LostPurchase, dryRun: boolean) => string> = {
  restored: ({ id }, dryRun) => `${dryRun ? 'would restore' : 'restored'}  ${id}`,
  unknown_product: ({ id, productId }) => `not restored  ${id}: the product ${productId} does not exist`,
  unknown_entity: ({ id, entityId }) => `not restored  ${id}: the entity ${entityId} does not exist`,
}

/**
 * After a backup has been restored, inserts the purchases that the database lacks but that Stripe's checkout sessions from the last `since` seconds
 * name. Returns the exit code: 1 if one cannot be restored, or if a dry run found one.
 */
export const restorePurchases = async ({ since, dryRun }: RestoreOptions): Promise<number> => {
  const { DATABASE_URL, STRIPE_SECRET_KEY, STRIPE_API_BASE, SITE_ID } = readEnvironment(environments.databaseAndStripe)
  const db = createDb(DATABASE_URL, { connections: 2 })
  const stripe = createGateway(createStripe({ secretKey: STRIPE_SECRET_KEY, apiBase: STRIPE_API_BASE }))
  const showProgress = createProgress('checkout sessions read')
  // Of several sessions of one purchase, the first is the one that pay-to-view created. Stripe lists the newest first.
  const purchases = new Map<string, LostPurchase>()
  try {
    let sessions = 0
    for await (const page of stripe.listCheckoutSessions(Math.floor(Date.now() / 1000) - since, { lineItems: true })) {
      for (const session of page) {
        showProgress(++sessions)
        if (isForeignSite(siteIn(session.metadata), SITE_ID)) continue
        const purchase = lostPurchaseOf(session)
        if (purchase) purchases.set(purchase.id, purchase)
      }
    }
    const counts = { restored: 0, failed: 0 }
    // Oldest first: if a user has two open purchases of an entity, the first one restored stays open.
    for (const purchase of [...purchases.values()].reverse()) {
      const result = await restorePurchase(db, purchase, { dryRun })
      if (result === 'exists') continue
      counts[result === 'restored' ? 'restored' : 'failed']++
      console.log(messages[result](purchase, dryRun))
    }
    console.log(`${sessions} checkout sessions read, ${counts.restored} purchase(s) ${dryRun ? 'to restore' : 'restored'}.`)
    return counts.failed > 0 || (dryRun && counts.restored > 0) ? 1 : 0
  } finally {
    await closeDb(db)
  }
}
