import type {
  BackupCodesPage,
  ChooseAccountPage,
  CodePage,
  ConsentPage,
  EnrollTotpPage,
  ErrorPage,
  ExpiredPage,
  IdentifyPage,
  LinkPage,
  NewPasswordPage,
  PasswordPage,
  ProfilePage,
} from '#src/interaction/pages.ts'
import type { Language } from '#src/lib/i18n.ts'
import type { Page, Translate } from '#src/lib/page.ts'
import type { ProblemCode } from '#src/lib/problem.ts'
import type {
  DeviceCodePage,
  DeviceConfirmPage,
  DeviceDonePage,
  LogoutPage,
  SignedOutPage,
} from '#src/oidc/pages.ts'
import { qrSvg } from '#src/verification/totp/qr.ts'

/** One view in one state that its model allows. */
export interface Fixture {
  name: string
  view: string
  page: (language: Language, t: Translate) => Page
}

export const languages = [
  { code: 'en', name: 'English' },
  { code: 'ar', name: 'العربية' },
  { code: 'de', name: 'Deutsch' },
] as const

const logo =
  'data:image/svg+xml,%3Csvg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"%3E%3Ccircle cx="16" cy="16" r="16" fill="%230a6b5c"/%3E%3C/svg%3E'

const common = ({ code, dir }: Language, t: Translate): Page => ({
  lang: code,
  dir,
  t,
  languages,
  here: '/interaction/k3J9x?mode=sign-in',
  app: { name: 'Alpine Shop', logoUri: logo },
  brand: 'Avouch',
  brandCss: null,
  links: {
    help: 'https://shop.example/help',
    terms: 'https://shop.example/terms',
    privacy: 'https://shop.example/privacy',
  },
  inbox: null,
  error: null,
})

const base = '/interaction/k3J9x'

interface Circumstances {
  /** The code of a problem, with the field it is about and the values it mentions. */
  problem?: [code: ProblemCode, field: string | null, values?: Record<string, string | number>]
  page?: Partial<Page>
}

type Own<P extends Page> = Omit<P, keyof Page | 'base'>

/** Several states of one view: what is the same in all of them, then what differs. */
const states = <P extends Page>(
  view: string,
  same: Own<P>,
  each: Record<string, Partial<Own<P>> & { with?: Circumstances }>,
): Fixture[] =>
  Object.entries(each).map(([state, { with: around = {}, ...own }]) => ({
    name: `${view}: ${state}`,
    view,
    page: (language, t) => {
      const { problem, page } = around
      const [code, field = null, values] = problem ?? []
      const error = code ? { field, message: t(`problems.${code}`, values) } : null
      return { ...common(language, t), base, error, ...page, ...same, ...own }
    },
  }))

const regions = [
  { code: 'AT', name: 'Austria', calling: '43' },
  { code: 'DE', name: 'Germany', calling: '49' },
  { code: 'CH', name: 'Switzerland', calling: '41' },
  { code: 'GB', name: 'United Kingdom', calling: '44' },
]

const phone = '+41 79 123 45 67'
const email = 'anna.muster@example.com'

const identify = states<IdentifyPage>(
  'interaction/identify',
  {
    mode: 'sign-in',
    types: ['email', 'phone'],
    identifier: '',
    region: 'CH',
    regions,
    createHref: '?mode=create',
    signInHref: null,
    chooseHref: null,
  },
  {
    'sign in': {},
    'with remembered accounts, in evaluation': {
      chooseHref: '?choose=yes',
      with: { page: { inbox: '/dev/inbox' } },
    },
    'no application, one language, no links': {
      with: {
        page: {
          app: null,
          languages: [{ code: 'en', name: 'English' }],
          links: { help: null, terms: null, privacy: null },
        },
      },
    },
    'create an account by email': {
      mode: 'create',
      types: ['email'],
      regions: [],
      createHref: null,
      signInHref: '?mode=sign-in',
    },
    'reset a password': { mode: 'reset', createHref: null, signInHref: '?mode=sign-in' },
    'phone numbers only': { types: ['phone'], identifier: '079 123 45 67' },
    'usernames only': { types: ['username'], regions: [] },
    'email or username': { types: ['email', 'username'], regions: [] },
    'phone or username': { types: ['phone', 'username'] },
    'all kinds, a mistake': {
      types: ['email', 'phone', 'username'],
      identifier: 'anna@@example',
      with: { problem: ['invalid_email', 'identifier'] },
    },
    'the country is missing': {
      identifier: '079 123 45 67',
      with: { problem: ['phone_needs_country', 'region'] },
    },
    'too many requests': { with: { problem: ['too_many_requests', null, { minutes: 10 }] } },
  },
)

const choose = states<ChooseAccountPage>(
  'interaction/choose-account',
  {
    accounts: [
      { id: 'a1', name: 'Anna Muster', identifier: email, signedIn: true },
      { id: 'a2', name: null, identifier: phone, signedIn: false },
      { id: 'a3', name: 'ليلى حداد', identifier: 'layla', signedIn: true },
    ],
  },
  { accounts: {}, 'one is gone': { with: { problem: ['account_not_available', null] } } },
)

const code = states<CodePage>(
  'interaction/code',
  {
    method: 'sms-code',
    second: false,
    destination: phone,
    length: 6,
    ttlMinutes: 5,
    hasLink: false,
    delivery: 'accepted',
    resendAfterSeconds: 30,
    resent: false,
    statePath: `${base}/state`,
    changeHref: '?change=yes',
    alternatives: [{ method: 'password', destination: null }],
  },
  {
    'a text message is being sent': { delivery: 'sending' },
    'a text message was sent': {},
    'a text message was sent again': { resent: true, resendAfterSeconds: 60 },
    'a text message could not be sent': {
      delivery: 'failed',
      alternatives: [{ method: 'email-code', destination: email }],
    },
    'a text message could not be sent again': {
      delivery: 'failed',
      with: { problem: ['delivery_failed', null] },
    },
    'nobody knows whether the text message was sent': { delivery: 'unknown' },
    'a wrong code': { with: { problem: ['incorrect_code', 'code', { tries: 4 }] } },
    'half a code': { with: { problem: ['code_malformed', 'code', { length: 6 }] } },
    'too soon for another': { with: { problem: ['wait_before_resend', null, { seconds: 20 }] } },
    'an email with code and link': {
      method: 'email-code',
      destination: email,
      hasLink: true,
      ttlMinutes: 10,
      alternatives: [
        { method: 'sms-code', destination: phone },
        { method: 'password', destination: null },
      ],
    },
    'an email whose destination stays secret': {
      method: 'email-code',
      destination: null,
      delivery: 'sending',
      resendAfterSeconds: 0,
    },
    'an email could not be sent': { method: 'email-code', destination: email, delivery: 'failed' },
    'second step by text message': {
      method: 'sms-code',
      second: true,
      destination: '+41 •• ••• •• 67',
      changeHref: null,
      alternatives: [
        { method: 'totp', destination: null },
        { method: 'email-code', destination: 'a•••@example.com' },
        { method: 'backup-code', destination: null },
      ],
    },
    'second step with an app': {
      method: 'totp',
      second: true,
      destination: null,
      delivery: null,
      resendAfterSeconds: null,
      changeHref: null,
      alternatives: [{ method: 'backup-code', destination: null }],
    },
    'a code of the app twice': {
      method: 'totp',
      second: true,
      destination: null,
      delivery: null,
      resendAfterSeconds: null,
      changeHref: null,
      alternatives: [],
      with: { problem: ['code_already_used', 'code'] },
    },
    'second step with a backup code': {
      method: 'backup-code',
      second: true,
      destination: null,
      delivery: null,
      resendAfterSeconds: null,
      changeHref: null,
      with: { problem: ['incorrect_backup_code', 'code'] },
    },
  },
)

const password = [
  ...states<PasswordPage>(
    'interaction/password',
    {
      identifier: email,
      changeHref: '?change=yes',
      resetHref: '?mode=reset',
      alternatives: [
        { method: 'email-code', destination: email },
        { method: 'sms-code', destination: null },
        { method: 'email-link', destination: email },
        { method: 'sms-link', destination: null },
      ],
    },
    {
      'to sign in': {},
      wrong: { with: { problem: ['incorrect_password', 'password'] } },
      locked: { with: { problem: ['locked', null, { minutes: 15 }] } },
      'as a second step': { changeHref: null, resetHref: null, alternatives: [] },
    },
  ),
  ...states<NewPasswordPage>(
    'interaction/new-password',
    { identifier: email, minLength: 8, reason: 'reset' },
    {
      'after a reset': {},
      'as the missing factor': { reason: 'second-factor', minLength: 15 },
      'too common': { with: { problem: ['password_too_common', 'new_password'] } },
    },
  ),
]

const profile = states<ProfilePage>(
  'interaction/profile',
  { identifier: phone, fields: [{ name: 'name', value: '' }], minLength: 8 },
  {
    'a name': {},
    'a name and a password': {
      fields: [
        { name: 'name', value: 'Anna Muster' },
        { name: 'new_password', value: '' },
      ],
      with: { problem: ['password_too_short', 'new_password', { length: 8 }] },
    },
    'a username and a password': {
      fields: [
        { name: 'username', value: 'anna' },
        { name: 'new_password', value: '' },
      ],
      with: { problem: ['username_taken', 'username'] },
    },
  },
)

const uri = 'otpauth://totp/Avouch:anna?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Avouch'

const factors = [
  ...states<EnrollTotpPage>(
    'interaction/enroll-totp',
    {
      key: 'JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP',
      uri,
      qr: qrSvg(uri, 'QR code for your authenticator app. The setup key is below.'),
      account: email,
      alternatives: [{ method: 'sms-code', destination: phone }],
    },
    {
      'a new app': {},
      'a wrong code': { with: { problem: ['incorrect_code', 'code'] } },
    },
  ),
  ...states<BackupCodesPage>(
    'interaction/backup-codes',
    {
      codes: Array.from({ length: 10 }, (_, i) => `7K2M-${i}QXF-9DPR-V4TB`),
      downloadHref: `${base}/backup-codes.txt`,
    },
    {
      'ten of them': {},
      'not saved yet': { with: { problem: ['codes_not_saved', 'saved'] } },
    },
  ),
]

const consent = states<ConsentPage>(
  'interaction/consent',
  {
    account: email,
    redirectHost: 'shop.example',
    scopes: [
      { name: 'openid', description: 'Know that it is you', isNew: false },
      { name: 'profile', description: 'See your name', isNew: false },
      { name: 'email', description: 'See your email address', isNew: true },
      { name: 'offline_access', description: 'Stay connected while you are away', isNew: true },
      { name: 'orders:read', description: 'Read your orders', isNew: true },
    ],
    appLinks: {
      policy: 'https://shop.example/privacy',
      terms: 'https://shop.example/terms',
      home: 'https://shop.example/',
    },
  },
  {
    'five scopes': {},
    'no links, no logo': {
      appLinks: { policy: null, terms: null, home: null },
      with: { page: { app: { name: 'Kiosk', logoUri: null } } },
    },
    'nothing but who it is': { scopes: [], account: '', redirectHost: '' },
    'no decision': { with: { problem: ['decision_required', 'decision'] } },
  },
)

const endings = [
  ...states<ExpiredPage>(
    'interaction/expired',
    { restart: true },
    { 'can start again': {}, 'can not': { restart: false, with: { page: { app: null } } } },
  ),
  ...states<LinkPage>(
    'link',
    {
      state: 'continue',
      action: '/l/Zk3vJ1',
      identifier: email,
      code: null,
      requester: { browser: 'Firefox, Linux', minutesAgo: 2 },
    },
    {
      'other browser': { state: 'handoff' },
      'the code': { state: 'code', code: '482 913' },
      'only in the first browser': {
        state: 'same-browser',
        requester: { browser: 'Safari, iPhone', minutesAgo: 0 },
      },
      used: { state: 'used', requester: null },
      expired: { state: 'expired', requester: null },
      unknown: {
        state: 'unknown',
        requester: null,
        identifier: null,
        with: { page: { app: null } },
      },
      'first browser': {},
    },
  ),
  ...states<ErrorPage>(
    'error',
    {
      status: 400,
      title: 'The application made a mistake',
      text: 'The address that it wants you to return to is not registered.',
      reference: '01JD3V9Q7M',
      restartHref: null,
      detail: [],
    },
    {
      plain: {},
      'with a way back and detail': {
        restartHref: `${base}/restart`,
        detail: [
          { label: 'Expected', value: 'https://shop.example/callback' },
          {
            label: 'Received',
            value: 'https://shop.example/callback/with/a/very/long/path?and=a-long-query-string',
          },
        ],
      },
    },
  ),
]

const oidc = [
  ...states<LogoutPage>(
    'oidc/logout',
    { action: '/oidc/session/end/confirm', xsrf: 'x', account: email },
    { 'of an application': {}, 'of everything': { with: { page: { app: null } } } },
  ),
  ...states<SignedOutPage>(
    'oidc/signed-out',
    { homeHref: 'https://shop.example/' },
    {
      'with a way home': {},
      'with a way to nobody knows what': { with: { page: { app: null } } },
      without: { homeHref: null },
    },
  ),
  ...states<DeviceCodePage>(
    'oidc/device-code',
    { action: '/oidc/device', xsrf: 'x', userCode: '' },
    {
      empty: {},
      'a code that is not known': {
        userCode: 'WDJB-MJHT',
        with: { problem: ['incorrect_code', 'user_code'] },
      },
    },
  ),
  ...states<DeviceConfirmPage>(
    'oidc/device-confirm',
    {
      action: '/oidc/device',
      xsrf: 'x',
      userCode: 'WDJB-MJHT',
      requester: { address: '192.0.2.7', agent: 'Alpine TV 3.1' },
    },
    {
      'known device': {},
      'unknown device': {
        requester: { address: null, agent: null },
        with: { page: { app: null } },
      },
    },
  ),
  ...states<DeviceDonePage>('oidc/device-done', {}, { done: {} }),
]

/** Every view, in every state. */
export const fixtures: readonly Fixture[] = [
  ...identify,
  ...choose,
  ...code,
  ...password,
  ...profile,
  ...factors,
  ...consent,
  ...endings,
  ...oidc,
]
