// Comforts of the console for people with a script; every page works without it.

for (const form of document.querySelectorAll('form[data-confirm]')) {
  form.addEventListener('submit', (event) => {
    if (!confirm(form.dataset.confirm)) event.preventDefault()
  })
}

/* What is typed, one entry a line, is checked meanwhile; the form says the same when it is sent. */

const pauseMs = 400
const mostCharacters = 6000

for (const area of document.querySelectorAll('textarea[data-check]')) {
  const said = document.createElement('ul')
  said.className = 'checked'
  said.setAttribute('aria-live', 'polite')
  area.after(said)
  let asking = null

  const show = ({ data }) => {
    said.replaceChildren(
      ...data
        .filter(({ fault, note }) => fault || note)
        .map(({ uri, fault, note }) => {
          const item = document.createElement('li')
          item.className = fault ? 'wrong' : ''
          const which = document.createElement('code')
          which.textContent = uri
          item.append(which, ` ${fault ?? note}`)
          return item
        }),
    )
  }

  const check = async () => {
    asking?.abort()
    asking = new AbortController()
    const lines = area.value.split('\n').map((line) => line.trim())
    const query = new URLSearchParams(lines.filter(Boolean).map((line) => ['uri', line]))
    if (query.size === 0 || String(query).length > mostCharacters) return said.replaceChildren()
    try {
      const { signal } = asking
      const answer = await fetch(`${area.dataset.check}?${query}`, { signal, redirect: 'error' })
      if (answer.ok) show(await answer.json())
    } catch {
      // Nobody needs it: the next letter asks again.
    }
  }

  let waiting = null
  area.addEventListener('input', () => {
    clearTimeout(waiting)
    waiting = setTimeout(check, pauseMs)
  })
  if (!area.matches(':disabled')) check()
}

/* Enter in a field does what its part of the form is for, not what the form has first. */

for (const field of document.querySelectorAll('[data-enter]')) {
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return
    event.preventDefault()
    field.form.querySelector(`button[value="${field.dataset.enter}"]`)?.click()
  })
}

/* What becomes known later is looked up on its own page, for two minutes if nothing else is said. */

const pollMs = 3000
const mostPolls = 40

for (const shown of document.querySelectorAll('[data-follow]')) {
  const look = async (left) => {
    if (left === 0) return
    try {
      const answer = await fetch(shown.dataset.follow, { redirect: 'error' })
      const found = new DOMParser()
        .parseFromString(await answer.text(), 'text/html')
        .getElementById(shown.id)
      if (!found) return
      if (found.innerHTML !== shown.innerHTML) shown.replaceChildren(...found.childNodes)
      if (!found.dataset.follow) return
    } catch {
      // The next time, or with the link beside it.
    }
    setTimeout(look, pollMs, left - 1)
  }
  setTimeout(look, pollMs, Number(shown.dataset.follows ?? mostPolls))
}

/* What a message or a page looks like follows what is typed. */

for (const form of document.querySelectorAll('form[data-look]')) {
  const here = () => document.getElementById('look')
  let asking = null
  let waiting = null

  const look = async () => {
    asking?.abort()
    asking = new AbortController()
    const body = new URLSearchParams(new FormData(form))
    body.set('do', 'preview')
    try {
      const options = { signal: asking.signal, redirect: 'error' }
      const answer = await (form.method === 'get'
        ? fetch(`${form.action.split('?')[0]}?${body}`, options)
        : fetch(form.action, { ...options, method: 'POST', body }))
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
      const next = page.getElementById('look')
      if (next) here().replaceWith(next)
    } catch {
      // The button does the same.
    }
  }

  form.addEventListener('input', (event) => {
    if (here().contains(event.target) || event.target.matches('[data-apart]')) return
    clearTimeout(waiting)
    waiting = setTimeout(look, 600)
  })
}
