import { encode } from 'uqr'

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escapeText = (text: string) => text.replace(/[&<>"]/g, (character) => escapes[character]!)

/** Neighbouring dark modules of a row become one bar, which keeps the picture small. */
const bars = (row: readonly boolean[], y: number): string => {
  let path = ''
  for (let x = 0; x < row.length; x++) {
    const from = x
    while (row[x]) x += 1
    if (x > from) path += `M${from} ${y}h${x - from}v1h${from - x}z`
  }
  return path
}

/**
 * A QR code as SVG that scales to whatever size the page gives it. Black on white in dark pages
 * too, since many scanners read nothing else; without `style`, which our policy forbids.
 *
 * @param label what a screen reader says instead
 */
export function qrSvg(text: string, label: string): string {
  const { data, size } = encode(text, { ecc: 'M', border: 4 })
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" role="img"` +
    ` aria-label="${escapeText(label)}" shape-rendering="crispEdges">` +
    `<path fill="#fff" d="M0 0h${size}v${size}H0z"/>` +
    `<path fill="#000" d="${data.map(bars).join('')}"/></svg>`
  )
}
