/**
 * The script for the website of a redirect payment method, on which the buyer authorizes or rejects the payment and returns to the
 * merchant.
 */
const { paymentIntent } = document.body.dataset
const alertBox = document.querySelector('#error')
const buttons = document.querySelectorAll('button[data-result]')

const finish = async (result) => {
  for (const button of buttons) button.disabled = true
  try {
    const response = await fetch(`/_test/payment_intents/${paymentIntent}/authenticate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ result }),
    })
    const { return_url, error } = await response.json()
    if (!return_url) throw new Error(error?.message ?? 'This payment has no page to return to.')
    window.location.assign(return_url)
  } catch ({ message }) {
    alertBox.textContent = message
    alertBox.hidden = false
  }
}

for (const button of buttons) {
  button.disabled = false
  button.addEventListener('click', () => void finish(button.dataset.result))
}
