/** Where things are, once the server listens. */
export interface Places {
  demo: string
  inbox: string
  issuer: string
  console?: string
}

const labels = {
  demo: 'Demo app',
  inbox: 'Inbox',
  console: 'Console',
  issuer: 'Issuer',
} as const satisfies Record<keyof Places, string>

const hints = {
  demo: 'start here: sign in',
  inbox: 'what would have been sent',
  console: 'settings, users, applications',
  issuer: 'for your own application',
} as const satisfies Record<keyof Places, string>

/** What a person reads in the terminal after an evaluation start; ends with a line break. */
export const banner = (places: Places): string => {
  const shown = (Object.keys(labels) as (keyof Places)[]).flatMap((place) => {
    const url = places[place]
    return url ? [{ label: labels[place], url, hint: hints[place] }] : []
  })
  const width = Math.max(...shown.map(({ url }) => url.length))
  return [
    '',
    '  Avouch is running, for evaluation: on this machine only, and nothing is really sent.',
    '',
    ...shown.map(({ label, url, hint }) => `    ${label.padEnd(10)}${url.padEnd(width)}   ${hint}`),
    '',
    '  Sign in with any email address, or with a phone number such as +1 201 555 0123.',
    '  Codes and links arrive in the inbox, and here.',
    '',
    '  Ctrl+C stops it.',
    '',
    '',
  ].join('\n')
}
