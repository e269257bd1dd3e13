import type { Account } from '../account.ts'
import { type Html, html } from '../html.ts'
import { defaultCountry } from '../model/form-input.ts'
import { formatAmount } from '../model/money.ts'
import { EU_RATES, OTHER_RATES } from '../model/tax-rates.ts'
import { breakdownOf } from '../model/totals.ts'
import type { Discount, LineTax, Session } from '../store/objects.ts'

export const formatTotal = ({ amount_total, currency }: Session): string => formatAmount(amount_total ?? 0, currency ?? 'usd')

/** Renders the order and its totals. checkout.js replaces this element after a promotion code or the country has changed the totals. */
export const orderSummary = (account: Account, session: Session): Html => {
  const lines = account.store.sessionDetails.get(session.id)?.line_items ?? []
  return html`<header id="summary">
<p class="badge pending">Stripe emulator: no real money moves</p>
<h1>${lines.map(({ description }) => description).join(', ')}</h1>
<p class="amount">${formatTotal(session)}</p>
${lines.length > 1 && html`<ul>${lines.map((line) => html`<li>${line.quantity} × ${line.description}: ${formatAmount(line.amount_subtotal, line.currency)}</li>`)}</ul>`}
${totals(account, session)}
</header>`
}

/** Renders the subtotal, the discount, the tax and the total, if the session has a discount or automatic tax. */
const totals = (account: Account, session: Session): Html => {
  const details = account.store.sessionDetails.get(session.id)
  if (!details || !(details.discount || session.automatic_tax.enabled)) return html``
  const amount = (value: number) => formatAmount(value, session.currency ?? 'usd')
  const { discounts, taxes } = breakdownOf(details)
  return html`<dl class="totals">
<div><dt>Subtotal</dt><dd>${amount(session.amount_subtotal ?? 0)}</dd></div>
${discounts.map((one) => html`<div><dt>${discountName(account, one.discount)}</dt><dd>−${amount(one.amount)}</dd></div>`)}
${taxes.map((tax) => html`<div><dt>${taxName(tax)}</dt><dd>${amount(tax.amount)}</dd></div>`)}
${taxes.length === 0 && session.automatic_tax.enabled && html`<div><dt>Tax</dt><dd>Enter your country to calculate</dd></div>`}
<div class="total"><dt>Total due</dt><dd>${formatTotal(session)}</dd></div>
</dl>`
}

const discountName = (account: Account, { promotion_code, source }: Discount): string => {
  const code = account.store.promotionCodes.get(String(promotion_code))?.code
  const coupon = account.store.coupons.get(String(source.coupon))
  const size = coupon?.percent_off ? `${coupon.percent_off}% off` : (coupon?.name ?? 'Discount')
  return code ? `${code} (${size})` : size
}

const taxName = ({ rate, taxability_reason }: LineTax): string => {
  if (taxability_reason === 'reverse_charge') return `${rate.display_name} (reverse charge)`
  return `${rate.display_name} ${rate.country} (${rate.percentage}%${rate.inclusive ? ' included' : ''})`
}

const COUNTRIES = [
  ...Object.keys(EU_RATES),
  ...Object.keys(OTHER_RATES),
  ...'AE AR BR CA CL CN CO HK ID IL IN IS KE KR KW LI MX MY NG PE PH SA TH TR TW UA US VN ZA'.split(' '),
]
const NAMES = new Intl.DisplayNames('en', { type: 'region' })

const countryField = (account: Account, session: Session): Html => {
  const selected = defaultCountry(account, session)
  const options = [...new Set([...COUNTRIES, selected])]
    .map((code) => ({ code, name: NAMES.of(code) ?? code }))
    .sort((a, b) => a.name.localeCompare(b.name))
  return html`<label>Country or region <select name="country" autocomplete="country">${options.map(
    ({ code, name }) => html`<option value="${code}"${code === selected ? html` selected` : ''}>${name}</option>`,
  )}</select></label>`
}

/** Renders the promotion code field. The buyer can remove a code that they typed, but not a code that was set when the session was created. */
const promotionCodeField = (account: Account, { id, allow_promotion_codes }: Session): Html => {
  if (!allow_promotion_codes) return html``
  const discount = account.store.sessionDetails.get(id)?.discount
  const code = discount && account.store.promotionCodes.get(String(discount.promotion_code))?.code
  return html`<div id="promotion">${
    code
      ? html`<p class="inline"><span><strong>${code}</strong> applied</span> <button type="button" data-code="remove">Remove</button></p>`
      : html`<div class="inline"><label>Promotion code <input name="promotionCode" autocomplete="off" maxlength="500"></label>
<button type="button" data-code="apply">Apply</button></div>`
  }</div>`
}

const consentField = (account: Account, { consent_collection, custom_text }: Session): Html => {
  if (consent_collection?.terms_of_service !== 'required') return html``
  const message = custom_text.terms_of_service_acceptance?.message
  return html`<label class="check"><input type="checkbox" name="consent" value="true"> <span>${
    message ?? html`I agree to the <a href="${account.settings.termsUrl}" target="_blank" rel="noreferrer">terms of service</a>`
  }</span></label>`
}

/** Renders the fields of the checkout form, except for the payment method. */
export const orderFields = (account: Account, session: Session): Html => html`${countryField(account, session)}
${session.tax_id_collection?.enabled && html`<label>Tax ID (if you buy as a business) <input name="taxId" autocomplete="off" maxlength="50"></label>`}
${promotionCodeField(account, session)}
${consentField(account, session)}`
