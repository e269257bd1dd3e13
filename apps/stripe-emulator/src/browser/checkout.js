/** The card form: in the iframe of Embedded Checkout, and on the hosted page. What is typed goes to the emulator and nowhere else. */
const form = document.querySelector('#pay')
const { session, parent: parentOrigin } = document.body.dataset
const embedded = window.parent !== window
const alertBox = document.querySelector('#error')
const button = form?.querySelector('button[type=submit]')
let clientSecret

const tellParent = (message) => {
  if (embedded && parentOrigin) window.parent.postMessage({ from: 'stripe-emulator', ...message }, parentOrigin)
}

const showError = (message, field) => {
  alertBox.textContent = message
  alertBox.hidden = message === ''
  for (const input of form.querySelectorAll('[aria-invalid]')) input.removeAttribute('aria-invalid')
  const wrong = field && form.elements.namedItem(field)
  if (wrong) {
    wrong.setAttribute('aria-invalid', 'true')
    wrong.focus()
  }
}

const setBusy = (busy) => {
  button.disabled = busy
  form.setAttribute('aria-busy', String(busy))
  button.textContent = busy ? 'Processing…' : button.dataset.label
}

const send = async (body) => {
  const response = await fetch(`/_test/checkout/sessions/${session}/pay`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...body, ...(clientSecret && { client_secret: clientSecret }) }),
  })
  return response.json()
}

const FIELD_OF = { number: 'card', exp_month: 'exp', exp_year: 'exp', cvc: 'cvc' }
const FIELD_OF_CODE = { expired_card: 'exp', incorrect_cvc: 'cvc', incorrect_number: 'card' }

const pay = async (body) => {
  setBusy(true)
  showError('')
  try {
    const { outcome, error, session: result } = await send(body)
    if (error) showError(error.message, FIELD_OF[error.param] ?? FIELD_OF_CODE[error.code])
    else if (outcome === 'requires_action') await challenge()
    else complete(outcome, result)
  } catch {
    showError('The payment service cannot be reached. You have not been charged. Please try again.')
  } finally {
    setBusy(false)
  }
}

/** The bank's 3D Secure page, as the test cards have it: two buttons. */
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
  document.querySelector('#hints')?.setAttribute('hidden', '')
  const done = document.querySelector('#done')
  done.querySelector('p').textContent =
    outcome === 'processing' ? 'Your bank debit is being processed. This can take a few days.' : 'Your payment was successful.'
  done.hidden = false
  done.focus()
  const target = embedded ? (redirect_on_completion === 'always' ? return_url : null) : success_url
  const redirect = target?.replaceAll('{CHECKOUT_SESSION_ID}', id) ?? null
  if (embedded) tellParent({ type: 'complete', redirect })
  else if (redirect) window.location.assign(redirect)
}

/** Typing at the end groups the digits; a correction in the middle is left alone. */
const format = (input, groups) =>
  input?.addEventListener('input', () => {
    if (input.selectionStart === input.value.length) input.value = groups(input.value.replaceAll(/\D/g, ''))
  })

if (form) {
  format(form.elements.namedItem('card'), (digits) => digits.slice(0, 19).replaceAll(/(\d{4})(?=\d)/g, '$1 '))
  format(form.elements.namedItem('exp'), (digits) =>
    digits.length > 2 ? `${digits.slice(0, 2)} / ${digits.slice(2, 4)}` : digits,
  )
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const { method, ...fields } = Object.fromEntries(new FormData(form))
    const { card, exp, cvc, ...rest } = fields
    const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== ''))
    void pay(method === 'card' ? { ...given, card, exp, cvc } : { ...given, method })
  })
  form.addEventListener('change', ({ target }) => {
    if (target.name !== 'method') return
    const cards = form.querySelector('#card-fields')
    cards.hidden = target.value !== 'card'
    cards.disabled = cards.hidden
  })
  for (const choice of document.querySelectorAll('[data-card]'))
    choice.addEventListener('click', () => {
      const { elements } = form
      elements.namedItem('card').value = choice.dataset.card.replaceAll(/(\d{4})(?=\d)/g, '$1 ')
      elements.namedItem('exp').value = '12 / 34'
      elements.namedItem('cvc').value = '123'
      button.focus()
    })
}

if (embedded && parentOrigin) {
  window.addEventListener('message', ({ origin, source, data }) => {
    if (origin !== parentOrigin || source !== window.parent || data?.to !== 'stripe-emulator' || data.type !== 'init') return
    clientSecret = data.clientSecret
    document.body.dataset.ready = 'true'
  })
  new ResizeObserver(() =>
    tellParent({ type: 'resize', height: Math.ceil(document.documentElement.getBoundingClientRect().height) }),
  ).observe(document.documentElement)
  tellParent({ type: 'ready' })
} else document.body.dataset.ready = 'true'
