// Passkeys (WebAuthn). Everything here is hidden until the browser turns out to have them; what it
// answers is put into a field of a form, and sent like any other.

const all = (selector) => [...document.querySelectorAll(selector)]
const credentials = window.PublicKeyCredential

const toBytes = (text) =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))

const toText = (buffer) =>
  btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(''))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')

const named = (list) => list.map((one) => ({ ...one, id: toBytes(one.id) }))

const toRequest = (options) => ({
  ...options,
  challenge: toBytes(options.challenge),
  allowCredentials: named(options.allowCredentials),
})

const toCreation = (options) => ({
  ...options,
  challenge: toBytes(options.challenge),
  user: { ...options.user, id: toBytes(options.user.id) },
  excludeCredentials: named(options.excludeCredentials),
})

const toAnswer = ({ id, type, response }) => {
  const clientDataJSON = toText(response.clientDataJSON)
  if (response.attestationObject) {
    const transports = response.getTransports?.() ?? []
    const attestationObject = toText(response.attestationObject)
    return { id, type, response: { clientDataJSON, attestationObject, transports } }
  }
  return {
    id,
    type,
    response: {
      clientDataJSON,
      authenticatorData: toText(response.authenticatorData),
      signature: toText(response.signature),
      userHandle: response.userHandle ? toText(response.userHandle) : null,
    },
  }
}

/* A browser has one request at a time: whatever comes next ends the one before. */

let running = null

const stop = () => {
  running?.abort()
  running = null
}

const ask = async (form, { quiet = false, mediation } = {}) => {
  stop()
  const own = new AbortController()
  running = own
  const { signal } = own
  const path = `${form.dataset.options}${quiet ? '?quiet=1' : ''}`
  const response = await fetch(path, { method: 'POST', signal })
  if (!response.ok) throw new Error(`${path}: ${response.status}`)
  const { get, create } = await response.json()
  const how = { signal, ...(mediation ? { mediation } : {}) }
  const answer = create
    ? await navigator.credentials.create({ publicKey: toCreation(create), ...how })
    : await navigator.credentials.get({ publicKey: toRequest(get), ...how })
  if (!answer) throw new Error('no answer')
  return answer
}

const send = (form, answer) => {
  form.elements.passkey.value = JSON.stringify(toAnswer(answer))
  form.submit()
}

const say = (form, what) => {
  const words = form.querySelector('[data-cancelled]')
  words.setAttribute('role', 'alert')
  words.textContent = what ? words.dataset[what] : ''
  words.hidden = !what
}

const reasonOf = ({ name }) =>
  ({ NotAllowedError: 'cancelled', InvalidStateError: 'exists' })[name] ?? 'failed'

let renewal

const askNow = async (form) => {
  const button = form.querySelector('button')
  if (button.getAttribute('aria-busy')) return
  button.setAttribute('aria-busy', 'true')
  say(form, null)
  clearTimeout(renewal)
  try {
    send(form, await ask(form))
  } catch (error) {
    button.removeAttribute('aria-busy')
    if (error.name === 'AbortError') return
    say(form, reasonOf(error))
    suggest()
  }
}

/* Passkeys among what the browser fills in: asked for as long as the page is there, with a new
   challenge before the last one ends. */

const lifetime = 4 * 60_000

const suggest = async () => {
  const form = document.querySelector('form[data-passkey][data-autofill]')
  if (!form || !(await credentials.isConditionalMediationAvailable?.())) return
  clearTimeout(renewal)
  renewal = setTimeout(suggest, lifetime)
  try {
    send(form, await ask(form, { mediation: 'conditional' }))
  } catch {
    // Another request has taken its place, or nothing was chosen.
  }
}

/* After a password, a password manager may make one without asking. */

const makeQuietly = async () => {
  const form = document.querySelector('form[data-passkey][data-quiet]')
  if (!form) return
  try {
    send(form, await ask(form, { quiet: true, mediation: 'conditional' }))
  } catch {
    // The page asks the person instead.
  }
}

/* What the server finds out about the browser. */

const tellSupport = async (fields) => {
  const [ask, { conditionalCreate } = {}] = await Promise.all([
    credentials.isUserVerifyingPlatformAuthenticatorAvailable(),
    credentials.getClientCapabilities?.(),
  ])
  const support = [ask && 'ask', conditionalCreate && 'quiet'].filter(Boolean).join(' ')
  for (const field of fields) field.value = support
}

/* What the browser finds out about passkeys that it keeps. */

const signals = [
  'signalUnknownCredential',
  'signalAllAcceptedCredentials',
  'signalCurrentUserDetails',
]

const tellBrowser = (element) => {
  for (const [method, about] of JSON.parse(element.dataset.signals)) {
    if (signals.includes(method)) credentials[method]?.(about).catch(() => {})
  }
}

if (credentials) {
  for (const element of all('[data-passkey-needed]')) element.hidden = false
  for (const element of all('[data-signals]')) tellBrowser(element)
  for (const form of all('form[data-passkey]')) {
    form.hidden = false
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      askNow(form)
    })
  }
  // Whatever else is sent, nobody is asked for a passkey any more.
  document.addEventListener('submit', (event) => {
    if (event.target.matches('[data-passkey]')) return
    clearTimeout(renewal)
    stop()
  })
  addEventListener('pageshow', (event) => event.persisted && suggest())
  tellSupport(all('[name="passkey_support"]'))
  makeQuietly()
  suggest()
} else {
  for (const element of all('[data-passkey-missing]')) element.hidden = false
}
