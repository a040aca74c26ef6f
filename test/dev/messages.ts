import type { InboxMessage } from '#src/dev/index.ts'

const link = 'http://localhost:3000/l/3vQ8yq0Zx2mS5n7bT1cD4e'

const html = `<!doctype html>
<html lang="en"><head><title>Sign in</title></head>
<body style="margin:0;padding:32px;font-family:sans-serif;color:#1a1d21;background:#fff">
<h1 style="font-size:22px">Sign in to Demo app</h1>
<p>Your code is</p>
<p style="font-size:30px;letter-spacing:4px"><b>617204</b></p>
<p><a href="${link}" style="display:inline-block;padding:12px 20px;background:#1b4b8f;color:#fff">Sign in</a></p>
</body></html>`

const base = { locale: 'en', usageType: 'SignIn', subject: null, html: null, link: null } as const

/** A text message and an email, as the defaults of the connectors write them. */
export const textMessage: InboxMessage = {
  ...base,
  id: '01',
  channel: 'sms',
  to: '+12015550123',
  text: '482913 is your code for Demo app. It works for 5 minutes. Do not share it.',
  code: '482913',
  createdAt: new Date('2026-11-20T09:30:00Z'),
}

export const email: InboxMessage = {
  ...base,
  id: '02',
  channel: 'email',
  to: 'anna@example.com',
  subject: 'Sign in to Demo app',
  text: `Your code is 617204.\n\nOr open this link: ${link}\n`,
  html,
  code: '617204',
  link,
  createdAt: new Date('2026-11-20T09:31:00Z'),
}

/** Whatever a message can contain to break out of the page that shows it. */
export const hostile: InboxMessage = {
  ...base,
  id: '03',
  channel: 'email',
  to: '"><img src=x onerror=alert(1)>@example.com',
  usageType: 'ForgotPassword',
  subject: '</title><script>alert("subject")</script>',
  text: '<script>alert("text")</script> ]]> \u202e',
  html: '<script>alert("html")</script><form action="https://evil.example"><button>Go</button></form>',
  code: '<b>000000</b>',
  link: 'javascript:alert("link")',
  createdAt: new Date('2026-11-20T09:32:00Z'),
}

export const arabic: InboxMessage = {
  ...base,
  id: '04',
  channel: 'sms',
  to: '+41791234567',
  locale: 'ar',
  usageType: 'Register',
  text: '730518 هو رمزك لتطبيق Demo app. صالح لمدة 5 دقائق.',
  code: '730518',
  createdAt: new Date('2026-11-20T09:33:00Z'),
}
