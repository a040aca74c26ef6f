const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Makes any text safe between tags and inside quoted attributes. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => entities[character]!)

const named: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
}

const decode = (text: string): string =>
  text.replace(
    /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-z]{2,6}));/g,
    (entity, dec, hex, name) => {
      if (name) return named[name] ?? entity
      const point = dec ? Number(dec) : Number.parseInt(hex, 16)
      return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : entity
    },
  )

/** An address that the text beside it does not show would be lost with the tag. */
const links = /<a\b[^>]{0,2000}?\bhref="([^"]*)"[^>]*>([\s\S]*?)<\/a>/gi
const tag = /<[^>]*>/g

/** What a mail program shows that does not show HTML: the words, and every link in clear. */
export const textOf = (html: string): string =>
  decode(
    html
      .replace(/<!--[\s\S]*?-->/g, '')
      .replace(/<(style|script|head|title)\b[\s\S]*?<\/\1>/gi, '')
      .replace(links, (_, href: string, label: string) => {
        const words = label.replace(tag, '').trim()
        return words === href ? href : `${words} ${href}`
      })
      .replace(/\s+/g, ' ')
      .replace(/<br\b[^>]*>|<\/(?:tr|li|h[1-6])>/gi, '\n')
      .replace(/<\/(?:p|div|table|ul|ol)>/gi, '\n\n')
      .replace(tag, ''),
  )
    .replace(/[ \t]*\n[ \t]*/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .replace(/ {2,}/g, ' ')
    .trim()
