import type { Account } from '../account.ts'
import { type Html, html } from '../html.ts'
import { formatAmount } from '../model/money.ts'
import { EU_RATES, OTHER_RATES } from '../model/tax-rates.ts'
import { taxSettings } from '../model/tax-settings.ts'
import type { Coupon } from '../store/objects.ts'

export const discountText = (coupon: Coupon | undefined): string => {
  if (!coupon) return 'coupon deleted'
  return coupon.percent_off === null
    ? `${formatAmount(coupon.amount_off ?? 0, coupon.currency ?? 'usd')} off`
    : `${coupon.percent_off}% off`
}

export const promotionCodeForm = html`<section class="panel"><h2>Create a promotion code</h2><div class="actions">
<form method="post" action="/_test/promotion_codes"><input type="hidden" name="back" value="/dashboard/list/promotion_codes">
<label>Code (empty: random) <input name="code"></label>
<label>Percent off <input name="percent_off" inputmode="decimal" placeholder="25"></label>
<label>or amount off (minor units) <input name="amount_off" type="number" min="1"></label>
<label>Currency of the amounts <input name="currency" maxlength="3" placeholder="usd"></label>
<label>Maximum redemptions <input name="max_redemptions" type="number" min="1"></label>
<label>Expires in seconds <input name="expires_in_seconds" type="number" min="1"></label>
<label>Minimum amount (minor units) <input name="minimum_amount" type="number" min="1"></label>
<label>First purchase only <select name="first_time_transaction"><option value="false">no</option><option value="true">yes</option></select></label>
<button>Create</button></form></div></section>`

/** Renders the form for tax registrations. The first registration also sets the address of the head office. */
export const taxForm = (account: Account): Html => {
  const office = taxSettings(account).head_office?.address.country
  return html`<section class="panel"><h2>Collect tax in a country</h2>
<p>${office ? `The head office is in ${office}.` : 'The account has no head office yet, so automatic tax is rejected. The first registration also sets the head office.'}</p>
<div class="actions"><form method="post" action="/_test/tax"><input type="hidden" name="back" value="/dashboard/list/tax_registrations">
<label>Country <select name="registrations">${Object.entries({ ...EU_RATES, ...OTHER_RATES, US: 0 }).map(
    ([country, rate]) => html`<option value="${country}">${country} (${rate}%)</option>`,
  )}</select></label>
<button>Register</button></form></div></section>`
}
