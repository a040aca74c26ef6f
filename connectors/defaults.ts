import type { Channel, UsageType } from './contract.ts'
import { escapeHtml } from './html.ts'

/** Words of one language by key, as in `views/locales/<language>/messages.json`. */
export type Words = (key: string, values?: Record<string, number>) => string

export interface Wanted {
  channel: Channel
  usageType: UsageType
  words: Words
  language: { code: string; dir: 'ltr' | 'rtl' }
  expiresInMinutes: number
  hasLink: boolean
  /** A code to type; an invitation only says where to begin, a notice only what has changed. */
  about: 'code' | 'invitation' | 'notice'
}

/** Placeholders are still in them. */
export interface DefaultWords {
  subject: string | null
  text: string
  html: string | null
}

/**
 * What is said where an operator has given no templates of their own.
 *
 * The code comes first, in the subject too, since that is what a lock screen shows and what a phone
 * offers to fill in. A text message has to fit into one segment, so it says less.
 */
export const defaultWords = (wanted: Wanted): DefaultWords =>
  wanted.channel === 'sms' ? textMessage(wanted) : email(wanted)

const textMessage = (wanted: Wanted): DefaultWords => {
  const { usageType, words, expiresInMinutes, hasLink, about } = wanted
  if (about === 'invitation')
    return { subject: null, text: `${words('messages.invited')}.\n{{link}}`, html: null }
  if (about === 'notice') return { subject: null, text: words('messages.notice_short'), html: null }
  const code = `${words(`messages.code.${usageType}`)}.`
  const rest = hasLink
    ? '\n{{link}}'
    : ` ${words('messages.valid_short', { minutes: expiresInMinutes })}`
  return { subject: null, text: code + rest, html: null }
}

const buttons: readonly UsageType[] = ['SignIn', 'Register', 'ForgotPassword']

const email = (wanted: Wanted): DefaultWords => {
  const { language, hasLink, about } = wanted
  const said = sayings[about](wanted)
  const link = hasLink ? [said.openLink, '{{link}}', ''] : []
  return {
    subject: said.code,
    text: [`${said.code}.`, '', ...link, said.valid, said.ignore, ''].join('\n'),
    html: page(language, said, hasLink, about === 'code'),
  }
}

const sayings: Record<Wanted['about'], (wanted: Wanted) => Said> = {
  code: ({ usageType, words, expiresInMinutes }) => ({
    code: words(`messages.code.${usageType}`),
    valid: words('messages.valid', { minutes: expiresInMinutes }),
    openLink: words('messages.open_link'),
    button: words(`messages.button.${buttons.includes(usageType) ? usageType : 'Generic'}`),
    ignore: words('messages.ignore'),
  }),
  invitation: ({ words }) => ({
    code: words('messages.invited'),
    valid: words('messages.invited_valid'),
    openLink: words('messages.invited_open'),
    button: words('messages.button.Generic'),
    ignore: words('messages.invited_ignore'),
  }),
  notice: ({ words }) => ({
    code: words('messages.notice'),
    valid: words('messages.notice_nothing'),
    openLink: words('messages.notice_open'),
    button: words('messages.button.SecurityNotice'),
    ignore: words('messages.notice_all'),
  }),
}

type Said = Record<'code' | 'valid' | 'openLink' | 'button' | 'ignore', string>

const font = "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Arial,sans-serif"
const mono = 'font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace'
const cell = 'padding:0 32px 24px'

/** Mail programs know tables and inline styles; dark mode is theirs where they ignore ours. */
const page = (
  { code, dir }: Wanted['language'],
  plain: Said,
  hasLink: boolean,
  hasCode: boolean,
): string => {
  const said = Object.fromEntries(
    Object.entries(plain).map(([name, words]) => [name, escapeHtml(words)]),
  ) as Said
  return `<!doctype html>
<html lang="${code}" dir="${dir}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${said.code}</title>
<style>
:root { color-scheme: light dark; supported-color-schemes: light dark }
@media (prefers-color-scheme: dark) {
  .ground { background: #16181d !important }
  .sheet { background: #1f2228 !important; border-color: #353a43 !important }
  .ink { color: #f1f3f6 !important }
  .quiet { color: #a9b0bb !important }
  .code { background: #2a2e36 !important; color: #f1f3f6 !important }
  .button { background: #f1f3f6 !important; color: #16181d !important }
}
</style>
</head>
<body class="ground" style="margin:0;padding:0;background:#f4f5f7">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" class="ground" style="background:#f4f5f7">
<tr><td align="center" style="padding:32px 16px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" class="sheet" style="max-width:480px;background:#ffffff;border:1px solid #dfe2e7;border-radius:8px">
<tr><td class="ink" style="padding:32px 32px 24px;${font};font-size:16px;line-height:24px;color:#16181d">${said.code}.</td></tr>
${hasCode ? codeRow : ''}${hasLink ? linkRows(said) : ''}<tr><td class="quiet" style="padding:0 32px 32px;${font};font-size:14px;line-height:20px;color:#555d69">${said.valid}<br>${said.ignore}</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
`
}

const codeRow = `<tr><td style="${cell}"><div class="code" dir="ltr" style="padding:16px;background:#eef0f3;border-radius:6px;${mono};font-size:32px;line-height:40px;letter-spacing:6px;text-align:center;color:#16181d">{{code}}</div></td></tr>
`

const linkRows = ({ button, openLink }: Said): string =>
  `<tr><td style="${cell}"><a class="button" href="{{link}}" style="display:block;padding:12px 16px;background:#16181d;border-radius:6px;${font};font-size:16px;line-height:24px;font-weight:600;text-align:center;text-decoration:none;color:#ffffff">${button}</a></td></tr>
<tr><td class="quiet" style="${cell};${font};font-size:14px;line-height:20px;color:#555d69">${openLink}<br><a class="ink" href="{{link}}" dir="ltr" style="color:#16181d;word-break:break-all">{{link}}</a></td></tr>
`
