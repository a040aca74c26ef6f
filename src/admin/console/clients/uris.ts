import { findRedirectUriFault, isPrivateUseUri } from '#config/uris.ts'
import type { Translate } from '#src/lib/page.ts'

/** Why an application may not have a redirect URI, in words; null when it may. */
export const uriFaultWords = (t: Translate, uri: string): string | null => {
  const fault = findRedirectUriFault(uri)
  return fault && t(`admin-clients.uri-${fault.code}`, { written: fault.written })
}

/** What is to be known of a redirect URI that an application may have. */
const noteOf = (t: Translate, uri: string): string | null => {
  if (isPrivateUseUri(uri)) return t('admin-clients.uri-note-scheme')
  return uri.startsWith('http:') ? t('admin-clients.uri-note-http') : null
}

export interface CheckedUri {
  uri: string
  fault: string | null
  note: string | null
}

/** What the form says beside a redirect URI while it is typed. */
export const checkUri = (t: Translate, uri: string): CheckedUri => {
  const fault = uriFaultWords(t, uri)
  return { uri, fault, note: fault === null ? noteOf(t, uri) : null }
}
