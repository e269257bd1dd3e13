import { expect, test } from 'vitest'
import { buildCheckoutRequest, type CheckoutParams, storedCheckoutRequest } from '../src/index.ts'

const params: CheckoutParams = {
  purchaseId: 'ptv_01m85eetz2e8qthwsqr5v0dh8g',
  product: { id: 'prod_01m85eetz6e8qthwvnjjs5zz41', name: 'Film', amount: 499, currency: 'usd', taxCode: null },
  allowedDiscount: { kind: 'none' },
  taxBehavior: null,
  entity: { id: 'vid_01m85eetz2e8qthwsqr5v0dh8g', type: 'video', title: 'Nosferatu' },
  userId: 'alice',
  stripeCustomerId: 'cus_1',
  expiresAt: new Date('2026-12-01'),
  returnUrl: 'https://yoursite.com/',
  options: { redirect: 'never', automaticTax: false, collectTaxIds: false, createInvoices: false },
}
const request = buildCheckoutRequest(params)

test('the site remains the merchant of record, even if Managed Payments are on by default', () => {
  expect(request.managed_payments).toEqual({ enabled: false })
})

test('a stored request is sent unchanged, even if it dates from before Managed Payments', () => {
  const { managed_payments: _, ...earlier } = request
  for (const stored of [request, earlier]) expect(storedCheckoutRequest.parse(JSON.parse(JSON.stringify(stored)))).toEqual(stored)
})

test('a session and its payment name the site, if it has a name', () => {
  const named = buildCheckoutRequest({ ...params, options: { ...params.options, site: 'staging' } })
  expect([named.metadata.payToViewSite, named.payment_intent_data.metadata.payToViewSite]).toEqual(['staging', 'staging'])
  expect(storedCheckoutRequest.parse(JSON.parse(JSON.stringify(named)))).toEqual(named)
  expect(request.metadata).not.toHaveProperty('payToViewSite')
})

test('an invoice names the purchase, not the user', () => {
  const { invoice_creation } = buildCheckoutRequest({ ...params, options: { ...params.options, createInvoices: true } })
  expect(invoice_creation?.invoice_data.metadata).toMatchObject({ payToViewPurchaseId: params.purchaseId })
  expect(JSON.stringify(invoice_creation)).not.toContain(params.userId)
})
