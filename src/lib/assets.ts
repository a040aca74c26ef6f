import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, gzip } from 'node:zlib'
import type { Context, Middleware } from 'koa'
import { mix, standingOut, textOn } from './colour.ts'

/** What a browser loads besides pages: from memory, under names that change with the content. */
export interface Assets {
  /** `/assets/page.1f2e3d4c5b.css` for `page.css`. @throws when there is no such file */
  href(name: string): string
  /** The file itself. @throws when there is no such file */
  text(name: string): string
  /** Stylesheet for a brand colour (`#rrggbb`). Any process can answer for it. */
  brandHref(color: string): string
  /** Answers `GET` and `HEAD` below `/assets/`, 404 for what is not there; else passes on. */
  middleware: Middleware
}

type Encoding = 'br' | 'gzip'

interface Asset {
  type: string
  plain: Buffer
  /** Compressed when it is first asked for, since a command asks for none; null: too small for that. */
  packed: ((encoding: Encoding) => Promise<Buffer>) | null
}

const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
}

/** The grounds of `page.css`, which brand colours have to stand out from. */
const lightGround = '#ffffff'
const darkGround = '#14171b'

const fingerprint = (content: string | Buffer): string =>
  createHash('sha256').update(content).digest('hex').slice(0, 10)

const compress: Record<Encoding, (plain: Buffer) => Promise<Buffer>> = {
  br: promisify<Buffer, Buffer>(brotliCompress),
  gzip: (plain) => promisify(gzip)(plain, { level: 9 }),
}

const asset = (type: string, plain: Buffer): Asset => {
  const made: Partial<Record<Encoding, Promise<Buffer>>> = {}
  return {
    type,
    plain,
    packed(encoding) {
      made[encoding] ??= compress[encoding](plain)
      return made[encoding]
    },
  }
}

/**
 * The custom properties of `page.css` for one brand colour: text on it and links in it have a
 * contrast of at least 4.5:1, its edge on the ground 3:1 (WCAG 2.2, 1.4.3 and 1.4.11).
 */
export const brandStyles = (color: string): string => {
  const text = textOn(color)
  const hover = mix(color, text === '#ffffff' ? '#000000' : '#ffffff', 0.14)
  const link = standingOut(color, lightGround, '#000000', 4.5)
  const edge = standingOut(color, lightGround, '#000000', 3)
  const darkLink = standingOut(color, darkGround, '#ffffff', 5.5)
  const darkEdge = standingOut(color, darkGround, '#ffffff', 3)
  return [
    `:root{--brand:${color};--on-brand:${text};--brand-hover:${hover};`,
    `--link:${link};--brand-edge:${edge}}`,
    `@media (prefers-color-scheme:dark){:root{--link:${darkLink};--brand-edge:${darkEdge}}}`,
  ].join('')
}

const brandPath = /^brand\.([0-9a-f]{6})\.([0-9a-f]{10})\.css$/

// The colour is in the name, so that a process that never drew the page can still answer.
const brandName = (hex: string): string => `brand.${hex}.${fingerprint(brandStyles(`#${hex}`))}.css`

const brandAsset = (name: string): Asset | undefined => {
  const hex = brandPath.exec(name)?.[1]
  if (!hex || brandName(hex) !== name) return undefined
  const plain = Buffer.from(brandStyles(`#${hex}`))
  return { type: types['.css']!, plain, packed: null }
}

const encodingFor = (ctx: Context): Encoding | null =>
  (ctx.acceptsEncodings('br') || ctx.acceptsEncodings('gzip') || null) as Encoding | null

const answer = async (ctx: Context, { type, plain, packed }: Asset): Promise<void> => {
  const encoding = packed && encodingFor(ctx)
  ctx.set({
    'Content-Type': type,
    'Cache-Control': 'public, max-age=31536000, immutable',
    'X-Content-Type-Options': 'nosniff',
    Vary: 'Accept-Encoding',
  })
  if (encoding) ctx.set('Content-Encoding', encoding)
  ctx.body = encoding ? await packed(encoding) : plain
}

/** Reads every file of `directory` (not its folders), once. */
export const loadAssets = (directory: string): Assets => {
  const hrefs = new Map<string, string>()
  const served = new Map<string, Asset>()

  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const extension = extname(entry.name)
    const type = types[extension]
    if (!entry.isFile() || !type) continue
    const plain = readFileSync(join(directory, entry.name))
    const base = entry.name.slice(0, -extension.length)
    const name = `${base}.${fingerprint(plain)}${extension}`
    hrefs.set(entry.name, `/assets/${name}`)
    served.set(name, asset(type, plain))
  }

  const brands = new Map<string, string>()

  return {
    href(name) {
      const href = hrefs.get(name)
      if (!href) throw new Error(`There is no asset "${name}"`)
      return href
    },

    text(name) {
      const href = hrefs.get(name)
      if (!href) throw new Error(`There is no asset "${name}"`)
      return served.get(href.slice('/assets/'.length))!.plain.toString()
    },

    brandHref(color) {
      const hex = /^#([0-9a-f]{6})$/.exec(color.toLowerCase())?.[1]
      if (!hex) throw new Error(`"${color}" is not a colour of the form #rrggbb`)
      // Asked for with every page, for the few colours that an admin has chosen.
      const href = brands.get(hex) ?? `/assets/${brandName(hex)}`
      brands.set(hex, href)
      return href
    },

    middleware(ctx, next) {
      if (!ctx.path.startsWith('/assets/')) return next()
      if (ctx.method !== 'GET' && ctx.method !== 'HEAD') return next()
      const name = ctx.path.slice('/assets/'.length)
      const found = served.get(name) ?? brandAsset(name)
      if (found) return answer(ctx, found)
      ctx.status = 404
      return Promise.resolve()
    },
  }
}
