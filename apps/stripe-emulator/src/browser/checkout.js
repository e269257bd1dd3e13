/** The card form, in the iframe of Embedded Checkout and on the hosted page. The input is sent only to the emulator. */
const form = document.querySelector('#pay')
const { session, parentOrigin } = document.body.dataset
const embedded = window.parent !== window
const alertBox = document.querySelector('#error')
const button = form?.querySelector('button[type=submit]')
let clientSecret

const postToParent = (message) => {
  if (embedded && parentOrigin) window.parent.postMessage({ from: 'stripe-emulator', ...message }, parentOrigin)
}

const showError = (message, field) => {
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

/** Until then the button is disabled: without this script, the browser would submit the card itself. */
const acceptInput = () => {
  document.body.dataset.ready = 'true'
  if (button) button.disabled = false
}

const send = async (body) => {
  const response = await fetch(`/_test/checkout/sessions/${session}/pay`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...body, ...(clientSecret && { client_secret: clientSecret }) }),
  })
  return response.json()
}

const FIELD_BY_PARAM = { number: 'card', exp_month: 'exp', exp_year: 'exp', cvc: 'cvc' }
const FIELD_BY_ERROR_CODE = { expired_card: 'exp', incorrect_cvc: 'cvc', incorrect_number: 'card' }

const pay = async (body) => {
  setBusy(true)
  showError('')
  try {
    const { outcome, error, session: result, payment_intent } = await send(body)
    if (error) showError(error.message, FIELD_BY_PARAM[error.param] ?? FIELD_BY_ERROR_CODE[error.code])
    else if (outcome === 'requires_action') await authenticate(payment_intent.next_action)
    else complete(outcome, result)
  } catch {
    showError("Can't connect to the payment service. You have not been charged. Please try again.")
  } finally {
    setBusy(false)
  }
}

/** Navigates the top-level page: the other website would be blocked inside an iframe. */
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

const complete = (outcome, { redirect_on_completion, return_url, success_url, id }) => {
  form.hidden = true
  document.querySelector('#test-cards')?.setAttribute('hidden', '')
  const confirmation = document.querySelector('#done')
  confirmation.querySelector('p').textContent =
    outcome === 'processing' ? 'Your bank debit is being processed. This can take a few days.' : 'Your payment was successful.'
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

if (form) {
  formatWhileTyping(form.elements.namedItem('card'), (digits) => digits.slice(0, 19).replaceAll(/(\d{4})(?=\d)/g, '$1 '))
  formatWhileTyping(form.elements.namedItem('exp'), (digits) =>
    digits.length > 2 ? `${digits.slice(0, 2)} / ${digits.slice(2, 4)}` : digits,
  )
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const { method, ...fields } = Object.fromEntries(new FormData(form))
    const { card, exp, cvc, ...rest } = fields
    const filledIn = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== ''))
    void pay(method === 'card' ? { ...filledIn, card, exp, cvc } : { ...filledIn, method })
  })
  form.addEventListener('change', ({ target }) => {
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
