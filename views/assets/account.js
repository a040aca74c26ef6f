// Makes a passkey: the one thing on these pages that only a script can do.

const form = document.querySelector('[data-new-passkey]')
const said = form.querySelector('[data-said]')

const options = async () => {
  const answer = await fetch(form.dataset.newPasskey, {
    method: 'POST',
    headers: { accept: 'application/json' },
  })
  // Too long ago: the page asks for a fresh sign-in when it is opened again.
  if (answer.status === 401) location.reload()
  if (!answer.ok) throw new Error(String(answer.status))
  return PublicKeyCredential.parseCreationOptionsFromJSON(await answer.json())
}

form.addEventListener('submit', async (event) => {
  const field = form.elements.response
  if (field.value) return
  event.preventDefault()
  said.textContent = ''
  const button = form.querySelector('button')
  button.disabled = true
  try {
    const made = await navigator.credentials.create({ publicKey: await options() })
    field.value = JSON.stringify(made.toJSON())
    form.submit()
  } catch (error) {
    said.textContent =
      error.name === 'InvalidStateError' ? form.dataset.exists : form.dataset.failed
  } finally {
    button.disabled = false
  }
})

form.hidden = !('PublicKeyCredential' in window && PublicKeyCredential.parseCreationOptionsFromJSON)
