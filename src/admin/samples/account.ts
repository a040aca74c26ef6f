import type {
  ActivityPage,
  AppsPage,
  ConfirmPage,
  DataPage,
  MessagePage,
  OverviewPage,
  ProfilePage,
  SecurePage,
  SessionsPage,
  TrustedBrowsersPage,
} from '#src/account/pages.ts'
import { email, phone, states } from './states.ts'

const here = '/account/profile'
export const around = {
  notice: null,
  elsewhereHref: null,
  wayBack: null,
}
export const ownPage = { app: null, here }

const sections = [
  'profile',
  'methods',
  'two-step',
  'passkeys',
  'sessions',
  'trusted-browsers',
  'apps',
  'activity',
  'data',
].map((topic, at) => ({ topic, href: `/account/${topic}`, count: at > 2 && at < 7 ? at : null }))

const time = 'Nov 27, 2026, 10:18 PM'

export const account = [
  ...states<OverviewPage>(
    'account/overview',
    {
      ...around,
      name: 'Anna Muster',
      identifiers: [email, phone],
      lastSignIn: time,
      checklist: [
        { advice: 'another-way', done: true, href: '/account/methods' },
        { advice: 'two-step', done: true, href: '/account/two-step/totp' },
        { advice: 'backup-codes', done: true, href: '/account/two-step' },
        { advice: 'passkey', done: true, href: '/account/passkeys/new' },
      ],
      sections,
    },
    {
      'all is well': { with: { page: ownPage } },
      'everything is to do, on the way from an application': {
        name: null,
        identifiers: [email],
        lastSignIn: null,
        checklist: (['another-way', 'two-step', 'backup-codes', 'passkey'] as const).map(
          (advice) => ({ advice, done: false, href: '/account/methods' }),
        ),
        wayBack: { href: 'https://shop.example/settings', app: 'Alpine Shop' },
        with: { page: ownPage },
      },
    },
  ),
  ...states<ProfilePage>(
    'account/profile',
    {
      ...around,
      name: 'Anna Muster',
      locale: 'de-CH',
      locales: [
        { code: 'en', name: 'English' },
        { code: 'ar', name: 'العربية' },
        { code: 'de', name: 'Deutsch' },
      ],
    },
    {
      'as it is': { with: { page: ownPage } },
      saved: { notice: 'Your profile is saved.', with: { page: ownPage } },
      'a name that is too long': {
        with: { page: ownPage, problem: ['name_too_long', 'name', { length: 100 }] },
      },
      'a name on two lines': { with: { page: ownPage, problem: ['invalid_input', 'name'] } },
    },
  ),
  ...states<SessionsPage>(
    'account/sessions',
    {
      ...around,
      sessions: [
        {
          current: true,
          browser: 'Firefox, Linux',
          address: '192.0.2.7',
          signedInAt: time,
          methods: ['password', 'authenticator app'],
          apps: ['Alpine Shop', 'Kiosk'],
          endHref: '/oidc/session/end',
        },
        {
          current: false,
          browser: null,
          address: null,
          signedInAt: 'Nov 20, 2026, 9:02 AM',
          methods: ['code by email'],
          apps: [],
          endHref: '/account/sessions/a1/end',
        },
      ],
      endOthersHref: '/account/sessions/end-others',
      trustedHref: '/account/trusted-browsers',
    },
    {
      two: { with: { page: ownPage } },
      'this one alone': {
        sessions: [
          {
            current: true,
            browser: null,
            address: null,
            signedInAt: null,
            methods: [],
            apps: [],
            endHref: '/oidc/session/end',
          },
        ],
        endOthersHref: null,
        trustedHref: null,
        notice: 'Everybody else is signed out.',
        with: { page: ownPage },
      },
    },
  ),
  ...states<TrustedBrowsersPage>(
    'account/trusted-browsers',
    {
      ...around,
      browsers: [
        {
          browser: 'Firefox, Linux',
          since: 'November 20, 2026',
          until: 'February 18, 2027',
          lastUsedAt: 'November 27, 2026',
          removeHref: '/account/trusted-browsers/a1/remove',
        },
        {
          browser: null,
          since: 'November 20, 2026',
          until: 'February 18, 2027',
          lastUsedAt: null,
          removeHref: '/account/trusted-browsers/a2/remove',
        },
      ],
    },
    { two: { with: { page: ownPage } }, none: { browsers: [], with: { page: ownPage } } },
  ),
  ...states<AppsPage>(
    'account/apps',
    {
      ...around,
      apps: [
        {
          name: 'Alpine Shop',
          scopes: [],
          since: null,
          offline: false,
          removeHref: '/account/apps/shop/remove',
        },
        {
          name: 'Photo printing and frames of all sizes',
          scopes: ['See your name, username and language', 'See your email address'],
          since: 'November 20, 2026',
          offline: true,
          removeHref: '/account/apps/photos/remove',
        },
      ],
    },
    { two: { with: { page: ownPage } }, none: { apps: [], with: { page: ownPage } } },
  ),
  ...states<ActivityPage>(
    'account/activity',
    {
      ...around,
      events: [
        {
          at: time,
          words: 'You signed in',
          detail: 'password, authenticator app · Alpine Shop · 192.0.2.7',
          disputeHref: '/account/activity/12/not-me',
        },
        { at: time, words: 'A sign-in failed', detail: '', disputeHref: null },
        {
          at: time,
          words: 'An address, number or username was added',
          detail: '2001:db8:1234:5678:9abc:def0:1234:5678',
          disputeHref: '/account/activity/11/not-me',
        },
      ],
      nextHref: '/account/activity?before=11',
    },
    {
      three: { with: { page: ownPage } },
      nothing: { events: [], nextHref: null, with: { page: ownPage } },
    },
  ),
  ...states<SecurePage>(
    'account/secure',
    {
      notice: 'Everybody else is signed out.',
      elsewhereHref: null,
      wayBack: null,
      steps: ['password', 'two-step', 'passkeys', 'methods', 'apps'].map((topic) => ({
        topic,
        href: `/account/${topic}`,
      })),
    },
    { 'five steps': { with: { page: ownPage } } },
  ),
  ...states<DataPage>(
    'account/data',
    { ...around, deleteHref: '/account/delete' },
    {
      both: { with: { page: ownPage } },
      'no deletion': { deleteHref: null, with: { page: ownPage } },
    },
  ),
  ...states<ConfirmPage>(
    'account/confirm',
    {
      ...around,
      heading: 'account.disconnect',
      values: { app: 'Alpine Shop' },
      text: 'Alpine Shop is signed out, and asks you again when you come back to it.',
      button: 'Disconnect',
      back: { href: '/account/apps', label: 'Cancel' },
    },
    {
      'an application': { with: { page: ownPage } },
      'the last way to sign in': {
        heading: 'account-methods.remove-identifier',
        values: { identifier: email },
        text: `You can not sign in with ${email} any more.`,
        button: 'Remove',
        with: { page: ownPage, problem: ['last_way', null] },
      },
    },
  ),
  ...states<MessagePage>(
    'account/message',
    {
      ...around,
      heading: 'account.not-enough',
      values: {},
      text: 'To change your account, sign in with everything that you have set up.',
      next: { href: '/account', label: 'Try again' },
    },
    {
      'not enough': { with: { page: ownPage } },
      'going to be deleted': {
        heading: 'account.deleted',
        text: 'You are signed out everywhere.',
        next: null,
        with: { page: ownPage },
      },
    },
  ),
]
