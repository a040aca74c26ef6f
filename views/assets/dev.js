// Copy buttons of the pages for developers, also of those that come later.

document.addEventListener('click', async ({ target }) => {
  const button = target.closest?.('[data-copies]')
  if (!button) return
  const from = document.getElementById(button.dataset.copies)
  try {
    await navigator.clipboard.writeText(from.textContent)
    button.textContent = 'Copied'
  } catch {
    // Not allowed: at least it is selected.
    getSelection().selectAllChildren(from)
    button.textContent = 'Selected'
  }
  setTimeout(() => {
    button.textContent = 'Copy'
  }, 2000)
})
