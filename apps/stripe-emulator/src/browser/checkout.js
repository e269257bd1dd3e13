/** The script for the card form, in the Embedded Checkout iframe and on the hosted page. The input is sent only to the emulator. */
const form = document.querySelector('#pay')
const { session, parentOrigin } = document.body.dataset
const embedded = window.parent !== window
const alertBox = document.querySelector('#error')
const button = form?.querySelector('button[type=submit]')
let clientSecret

const postToParent = (message) => {
  if (embedded && parentOrigin) window.parent.postMessage({ from: 'stripe-emulator', ...message }, parentOrigin)
}

/** Shows an error about the promotion code next to the promotion code field, and any other error above the button. */
const showError = (message, field, isOfCode = false) => {
  const promotion = document.querySelector('#promotion')
  if (isOfCode && promotion) promotion.append(alertBox)
  else button.before(alertBox)
  alertBox.textContent = message
  alertBox.hidden = message === ''
  for (const input of form.querySelectorAll('[aria-invalid]')) input.removeAttribute('aria-invalid')
  const invalid = field && form.elements.namedItem(field)
  if (invalid) {
    invalid.setAttribute('aria-invalid', 'true')
    invalid.focus()
  }
}

const setBusy = (busy) => {
  button.disabled = busy
  form.setAttribute('aria-busy', String(busy))
  button.textContent = busy ? 'Processing…' : button.dataset.label
}

/** Enables the button. It is disabled until this script has loaded, because the browser would otherwise submit the card data itself. */
const acceptInput = () => {
  document.body.dataset.ready = 'true'
  if (button) button.disabled = false
  // A country is preselected, so the tax can be calculated immediately.
  if (form?.dataset.taxed === 'true') void updateLocation()
}

const send = async (action, body) => {
  const response = await fetch(`/_test/checkout/sessions/${session}/${action}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...body, ...(clientSecret && { client_secret: clientSecret }) }),
  })
  return response.json()
}

const FIELD_BY_PARAM = {
  number: 'card',
  exp_month: 'exp',
  exp_year: 'exp',
  cvc: 'cvc',
  promotion_code: 'promotionCode',
  tax_id: 'taxId',
  country: 'country',
  consent: 'consent',
}
const FIELD_BY_ERROR_CODE = { expired_card: 'exp', incorrect_cvc: 'cvc', incorrect_number: 'card' }

/** Sends the promotion code, the country or the tax id, and shows the new totals, which the server renders. */
const update = async (entered) => {
  showError('')
  try {
    const { error } = await send('form', entered)
    await showOrder()
    if (error) showError(error.message, FIELD_BY_PARAM[error.param], error.param === 'promotion_code')
  } catch {
    showError("Can't connect to the payment service. Please try again.")
  }
}

const showOrder = async () => {
  const page = new DOMParser().parseFromString(await (await fetch(window.location.href)).text(), 'text/html')
  for (const id of ['#summary', '#promotion']) {
    const next = page.querySelector(id)
    const typed = form.elements.namedItem('promotionCode')?.value
    if (next) document.querySelector(id)?.replaceWith(next)
    const field = form.elements.namedItem('promotionCode')
    if (field && typed) field.value = typed
  }
  const nextForm = page.querySelector('#pay')
  if (!nextForm) return
  form.dataset.free = nextForm.dataset.free
  button.dataset.label = nextForm.querySelector('button[type=submit]').dataset.label
  if (form.getAttribute('aria-busy') !== 'true') button.textContent = button.dataset.label
  hidePaymentOfFreeOrder()
}

const hidePaymentOfFreeOrder = () => {
  const isFree = form.dataset.free === 'true'
  for (const part of document.querySelectorAll('#payment, #test-cards')) part.hidden = isFree
}

const pay = async (body) => {
  setBusy(true)
  showError('')
  try {
    const { outcome, error, session: result, payment_intent } = await send('pay', body)
    if (error) showError(error.message, FIELD_BY_PARAM[error.param] ?? FIELD_BY_ERROR_CODE[error.code])
    else if (outcome === 'requires_action') await authenticate(payment_intent.next_action)
    else complete(outcome, result)
  } catch {
    showError("Can't connect to the payment service. You have not been charged. Please try again.")
  } finally {
    setBusy(false)
  }
}

/** Redirects the top-level page, because the other website cannot be shown in an iframe. */
const authenticate = ({ redirect_to_url }) => {
  if (!redirect_to_url) return challenge()
  if (embedded) postToParent({ type: 'redirect', url: redirect_to_url.url })
  else window.location.assign(redirect_to_url.url)
}

/** Simulates the bank's 3D Secure page. */
const challenge = () =>
  new Promise((resolve) => {
    const dialog = document.querySelector('#challenge')
    dialog.returnValue = ''
    dialog.addEventListener(
      'close',
      () => resolve(pay({ authenticate: dialog.returnValue === 'complete' ? 'complete' : 'fail' })),
      { once: true },
    )
    dialog.showModal()
  })

const complete = (outcome, result) => {
  const { redirect_on_completion, return_url, success_url, id } = result
  form.hidden = true
  document.querySelector('#test-cards')?.setAttribute('hidden', '')
  const confirmation = document.querySelector('#done')
  confirmation.querySelector('p').textContent =
    outcome === 'processing'
      ? 'Your bank debit is being processed. This can take a few days.'
      : result.payment_status === 'no_payment_required'
        ? 'Your order is complete.'
        : 'Your payment was successful.'
  confirmation.hidden = false
  confirmation.focus()
  const target = embedded ? (redirect_on_completion === 'always' ? return_url : null) : success_url
  const redirect = target?.replaceAll('{CHECKOUT_SESSION_ID}', id) ?? null
  if (embedded) postToParent({ type: 'complete', redirect })
  else if (redirect) window.location.assign(redirect)
}

/** Groups digits typed at the end. A correction in the middle is not reformatted, because that would move the cursor. */
const formatWhileTyping = (input, formatDigits) =>
  input?.addEventListener('input', () => {
    if (input.selectionStart === input.value.length) input.value = formatDigits(input.value.replaceAll(/\D/g, ''))
  })

const applyCode = () => {
  const code = form.elements.namedItem('promotionCode').value.trim()
  if (code !== '') void update({ promotionCode: code })
}

const updateLocation = () => {
  const taxId = form.elements.namedItem('taxId')?.value
  return update({ country: form.elements.namedItem('country').value, ...(taxId !== undefined && { taxId }) })
}

if (form) {
  hidePaymentOfFreeOrder()
  formatWhileTyping(form.elements.namedItem('card'), (digits) => digits.slice(0, 19).replaceAll(/(\d{4})(?=\d)/g, '$1 '))
  formatWhileTyping(form.elements.namedItem('exp'), (digits) =>
    digits.length > 2 ? `${digits.slice(0, 2)} / ${digits.slice(2, 4)}` : digits,
  )
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    // A promotion code that was typed but not applied has no effect, as in Stripe's form.
    const { method, promotionCode: _, ...fields } = Object.fromEntries(new FormData(form))
    const { card, exp, cvc, ...rest } = fields
    const filledIn = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== ''))
    const consent = form.elements.namedItem('consent')
    const order = { ...filledIn, ...(consent && { consent: consent.checked }) }
    if (form.dataset.free === 'true') void pay(order)
    else void pay(method === 'card' ? { ...order, card, exp, cvc } : { ...order, method })
  })
  form.addEventListener('click', ({ target }) => {
    const action = target.closest('[data-code]')?.dataset.code
    if (action === 'remove') void update({ promotionCode: '' })
    if (action === 'apply') applyCode()
  })
  form.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.target.name !== 'promotionCode') return
    event.preventDefault()
    applyCode()
  })
  form.addEventListener('change', ({ target }) => {
    if (form.dataset.taxed === 'true' && (target.name === 'country' || target.name === 'taxId')) void updateLocation()
    if (target.name !== 'method') return
    const cardFields = form.querySelector('#card-fields')
    cardFields.hidden = target.value !== 'card'
    cardFields.disabled = cardFields.hidden
  })
  for (const cardButton of document.querySelectorAll('[data-card]'))
    cardButton.addEventListener('click', () => {
      const { elements } = form
      elements.namedItem('card').value = cardButton.dataset.card.replaceAll(/(\d{4})(?=\d)/g, '$1 ')
      elements.namedItem('exp').value = '12 / 34'
      elements.namedItem('cvc').value = '123'
      button.focus()
    })
}

if (embedded && parentOrigin) {
  window.addEventListener('message', ({ origin, source, data }) => {
    if (origin !== parentOrigin || source !== window.parent || data?.to !== 'stripe-emulator' || data.type !== 'init') return
    clientSecret = data.clientSecret
    acceptInput()
  })
  new ResizeObserver(() =>
    postToParent({ type: 'resize', height: Math.ceil(document.documentElement.getBoundingClientRect().height) }),
  ).observe(document.documentElement)
  postToParent({ type: 'ready' })
} else acceptInput()
