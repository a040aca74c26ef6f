// Comforts for people with a script. Every page works without it; whatever needs it is hidden until
// it is here.

const all = (selector) => document.querySelectorAll(selector)
const digits = (text) => (text.match(/\p{Nd}/gu) ?? []).length
const seconds = (count) => count * 1000

/** Runs once the page can be seen: not while a browser prepares it, nor in a tab behind. */
const whenSeen = (work) => {
  const seen = () => !document.prerendering && document.visibilityState === 'visible'
  if (seen()) return work()
  const look = () => {
    if (!seen()) return
    document.removeEventListener('visibilitychange', look)
    document.removeEventListener('prerenderingchange', look)
    work()
  }
  document.addEventListener('visibilitychange', look)
  document.addEventListener('prerenderingchange', look)
}

// The summary of what went wrong is read first.
document.querySelector('[data-focus]')?.focus()

/* One click, one request. The server counts on none of this. */

const busy = new WeakSet()

const release = (form) => {
  busy.delete(form)
  form.querySelector('[aria-busy]')?.removeAttribute('aria-busy')
}

document.addEventListener('submit', (event) => {
  const form = event.target
  // Whoever has cancelled at a question has sent nothing.
  if (event.defaultPrevented || !form.matches('[data-once]')) return
  if (busy.has(form)) return event.preventDefault()
  busy.add(form)
  event.submitter?.setAttribute('aria-busy', 'true')
  setTimeout(release, seconds(10), form)
})

// Back from the next page, everything can be sent again and no password is readable.
addEventListener('pageshow', (event) => {
  if (!event.persisted) return
  for (const form of all('[data-once]')) release(form)
})

/* Passwords that can be looked at. */

for (const button of all('[data-reveal]')) {
  const input = document.getElementById(button.dataset.reveal)
  const status = document.querySelector(`[data-reveal-status="${button.dataset.reveal}"]`)
  const reveal = (shown) => {
    input.type = shown ? 'text' : 'password'
    button.textContent = shown ? button.dataset.hide : button.dataset.show
    button.setAttribute('aria-pressed', String(shown))
  }
  button.hidden = false
  button.addEventListener('click', () => {
    const shown = input.type === 'password'
    reveal(shown)
    status.textContent = shown ? button.dataset.shown : button.dataset.hidden
  })
  input.form.addEventListener('submit', () => reveal(false))
  addEventListener('pagehide', () => reveal(false))
}

/* A code that arrives whole, pasted or filled in, is sent by itself; once, so that it can be
   corrected. One that is typed is not. */

for (const input of all('[data-code-length]')) {
  const length = Number(input.dataset.codeLength)
  let before = digits(input.value)
  let sent = false
  input.addEventListener('input', () => {
    const now = digits(input.value)
    const whole = now === length && !/\p{L}/u.test(input.value)
    if (whole && now - before > 1 && !sent) {
      sent = true
      input.form.requestSubmit()
    }
    before = now
  })
}

/* Browsers that read the code from the text message themselves (WebOTP). */

const otpField = document.querySelector('[data-otp]')
if (otpField && 'OTPCredential' in window) {
  const waiting = new AbortController()
  otpField.form.addEventListener('submit', () => waiting.abort())
  navigator.credentials
    .get({ otp: { transport: ['sms'] }, signal: waiting.signal })
    .then((otp) => {
      if (!otp || otpField.value) return
      otpField.value = otp.code
      otpField.form.requestSubmit()
    })
    .catch(() => {})
}

/* The country is asked for once a number without a country code is typed. */

for (const input of all('[data-region]')) {
  const field = document.getElementById(input.dataset.region)
  const look = () => {
    const wanted = /^[\s(]*(?!00)\p{Nd}[\p{Nd}\s()./-]*$/u.test(input.value)
    field.classList.toggle('wanted', wanted)
  }
  input.addEventListener('input', look)
  look()
}

/* Waiting for the message to be delivered, and for its link to be opened. */

const waiting = document.querySelector('[data-poll]')
if (waiting) {
  const { poll, base } = waiting.dataset
  let delivery = waiting.dataset.delivery
  const began = Date.now()
  let timer
  let asking = false
  let sent = false

  // What was sent is answered with the next page: going elsewhere meanwhile would cut that off.
  document.addEventListener('submit', (event) => {
    if (event.defaultPrevented) return
    sent = true
    setTimeout(() => {
      sent = false
    }, seconds(10))
  })

  const leave = () => location.replace(base)
  const typed = () => document.querySelector('[data-code-length]')?.value

  const take = (answer) => {
    if (sent) return
    if (answer.state === 'moved' || answer.state === 'expired') return leave()
    if (!answer.delivery || answer.delivery === delivery) return
    if (answer.delivery === 'accepted') {
      for (const text of waiting.querySelectorAll('[data-when]')) {
        text.hidden = text.dataset.when !== 'accepted'
      }
    } else if (answer.delivery !== 'sending') {
      // Nobody is interrupted who already has a code to type.
      if (typed()) return
      return leave()
    }
    delivery = answer.delivery
  }

  const ask = async () => {
    clearTimeout(timer)
    if (asking || document.visibilityState !== 'visible') return
    asking = true
    try {
      const response = await fetch(poll, { headers: { accept: 'application/json' } })
      if (response.ok) take(await response.json())
    } catch {
      // No network for the moment: the next turn asks again.
    }
    asking = false
    timer = setTimeout(ask, seconds(Date.now() - began < seconds(60) ? 2 : 5))
  }

  document.addEventListener('visibilitychange', ask)
  addEventListener('focus', ask)
  addEventListener('pageshow', (event) => event.persisted && ask())
  timer = setTimeout(ask, seconds(delivery === 'sending' ? 1 : 2))
}

/* When another message can be asked for. Not announced: it would be chatter. */

for (const span of all('[data-countdown]')) {
  const end = Date.now() + seconds(Number(span.dataset.countdown))
  const tick = () => {
    const left = Math.ceil((end - Date.now()) / seconds(1))
    span.hidden = left <= 0
    span.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`
    if (left > 0) setTimeout(tick, seconds(1))
  }
  tick()
}

/* The link, opened in the browser that asked for it, goes on by itself. */

const auto = document.querySelector('form[data-auto]')
if (auto) whenSeen(() => auto.requestSubmit())

/* Copy and print. */

const copied = (element) =>
  element.matches('ol')
    ? [...element.children].map((item) => item.textContent).join('\n')
    : element.matches('pre')
      ? element.textContent
      : element.textContent.replace(/\s/g, '')

for (const button of navigator.clipboard ? all('[data-copy]') : []) {
  const label = button.textContent
  const status = document.createElement('span')
  status.className = 'unseen'
  status.setAttribute('role', 'status')
  button.after(status)
  button.hidden = false
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(copied(document.getElementById(button.dataset.copy)))
    button.textContent = button.dataset.done
    status.textContent = button.dataset.done
    setTimeout(() => {
      button.textContent = label
      status.textContent = ''
    }, seconds(3))
  })
}

for (const button of all('[data-print]')) {
  button.hidden = false
  button.addEventListener('click', () => print())
}

/* The language changes as soon as it is chosen with a pointer. From the keyboard, every arrow key
   is a choice, so there the button stays. */

for (const select of all('[data-submit]')) {
  const button = select.form.querySelector('button')
  let pointed = false
  button.hidden = true
  select.addEventListener('pointerdown', () => {
    pointed = true
  })
  select.addEventListener('keydown', () => {
    pointed = false
    button.hidden = false
  })
  select.addEventListener('change', () => {
    if (pointed) select.form.requestSubmit()
    else button.hidden = false
  })
}
