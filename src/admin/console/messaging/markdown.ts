import { Marked, type Tokens } from 'marked'
import { escapeHtml } from '#connectors/html.ts'
import { webHref } from '#src/lib/render.ts'

export interface Guide {
  html: string
  /** Its headings below the title. */
  parts: readonly { id: string; name: string }[]
}

const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')

/**
 * A README as HTML, for beside a form. Whatever is HTML in it is shown as text, links lead to other
 * sites or within the page, pictures are left out.
 */
export const renderGuide = (markdown: string): Guide => {
  const parts: { id: string; name: string }[] = []
  const marked = new Marked({
    gfm: true,
    renderer: {
      html: ({ text }: Tokens.HTML | Tokens.Tag) => escapeHtml(text),
      image: ({ text }: Tokens.Image) => escapeHtml(text),
      heading({ tokens, text, depth }: Tokens.Heading) {
        const id = `guide-${slug(text)}`
        if (depth > 1) parts.push({ id, name: text.replace(/[`*_]/g, '') })
        // The page has its own first heading.
        const level = Math.min(depth + 1, 6)
        return `<h${level} id="${escapeHtml(id)}">${this.parser.parseInline(tokens)}</h${level}>\n`
      },
      link({ href, tokens }: Tokens.Link) {
        const label = this.parser.parseInline(tokens)
        if (href.startsWith('#')) return `<a href="#guide-${escapeHtml(slug(href))}">${label}</a>`
        const safe = webHref(href)
        if (!safe) return label
        return `<a href="${escapeHtml(safe)}" target="_blank" rel="noopener">${label}</a>`
      },
      table({ header, rows }: Tokens.Table) {
        const row = (cells: Tokens.TableCell[], tag: string) =>
          `<tr>${cells.map(({ tokens }) => `<${tag}>${this.parser.parseInline(tokens)}</${tag}>`).join('')}</tr>`
        const body = rows.map((cells) => row(cells, 'td')).join('')
        return `<div class="table" tabindex="0"><table><thead>${row(header, 'th')}</thead><tbody>${body}</tbody></table></div>\n`
      },
    },
  })
  return { html: marked.parse(markdown, { async: false }), parts }
}
