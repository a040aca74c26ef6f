// Keeps the inbox up to date: asks every two seconds which messages there are, and where that has
// changed takes the new ones over from the server's own page, so that markup is made in one place.
const list = document.querySelector('[data-messages]')
const news = document.querySelector('[data-news]')
const ids = () => [...list.querySelectorAll('[data-id]')].map((message) => message.dataset.id)

const page = async () => {
  const response = await fetch(location.href, { headers: { accept: 'text/html' } })
  if (!response.ok) throw new Error(`The inbox answered ${response.status}`)
  return new DOMParser().parseFromString(await response.text(), 'text/html')
}

// Messages that stay are left alone: replacing them would close what is open and reload the emails.
const takeOver = (fresh) => {
  const kept = new Map(
    [...list.querySelectorAll('[data-id]')].map((each) => [each.dataset.id, each]),
  )
  const children = [...fresh.querySelector('[data-messages]').children]
  const wanted = new Set(children.map((child) => child.dataset.id))
  for (const child of [...list.children]) {
    if (!child.dataset.id || !wanted.has(child.dataset.id)) child.remove()
  }
  let before = null
  for (const child of children) {
    if (kept.has(child.dataset.id)) {
      before = kept.get(child.dataset.id)
      continue
    }
    const added = document.importNode(child, true)
    before ? before.after(added) : list.prepend(added)
    before = added
  }
}

const poll = async () => {
  if (document.hidden) return
  const response = await fetch(list.dataset.messages)
  if (!response.ok) return
  const now = (await response.json()).map(({ id }) => id).reverse()
  const had = ids()
  if (now.join() === had.join()) return
  takeOver(await page())
  const arrived = now.filter((id) => !had.includes(id)).length
  news.textContent = arrived ? `${arrived} new ${arrived === 1 ? 'message' : 'messages'}` : ''
}

const keepPolling = async () => {
  // The server may be restarting; the next turn tries again.
  await poll().catch(() => {})
  setTimeout(keepPolling, 2000)
}

document.querySelector('[data-refresh]')?.remove()
document.addEventListener('visibilitychange', () => void poll().catch(() => {}))
keepPolling()
