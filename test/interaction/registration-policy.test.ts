import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Facts, isOpenTo, mayRegister, nextStep, type Step } from '#src/interaction/policy.ts'
import { all, email, nobody, phone, proven, username } from './facts.ts'

const words = (step: Step): string => {
  if (step.kind === 'verify') return `first ${step.ways.map(({ method }) => method).join(' ')}`
  return step.kind === 'profile' ? `profile ${step.fields.join(' ')}` : step.kind
}

const emailed = { identifier: email, firstWays: all('email-link', 'password') } as const
const listed = { registration: 'domains', registrationDomains: ['example.com'] } as const
const at = (domain: string) =>
  ({ type: 'email', value: `a@${domain}`, display: `a@${domain}` }) as const

const table: [string, Partial<Facts>, string][] = [
  [
    'whoever was invited completes the account',
    { proofs: proven('sms-code'), registration: 'invited', invited: true },
    'profile name',
  ],
  ['nobody else does', { proofs: proven('sms-code'), registration: 'invited' }, 'blocked'],
  [
    'an invitation opens nothing where registration is closed',
    { proofs: proven('sms-code'), registration: 'closed', invited: true },
    'blocked',
  ],
  [
    'an invitation shows nowhere before the proof',
    { intent: 'create', registration: 'invited', invited: true },
    'first sms-code password',
  ],
  [
    'an address of a domain that is listed registers',
    { ...emailed, ...listed, proofs: proven('email-code') },
    'profile name',
  ],
  [
    'where everybody may know that, a new account is asked for no password',
    { ...emailed, ...listed, intent: 'create' },
    'first email-link',
  ],
  [
    'an address below that domain does not',
    { ...listed, identifier: at('sub.example.com'), proofs: proven('email-code') },
    'blocked',
  ],
  [
    'nor one of a longer name',
    { ...listed, identifier: at('notexample.com'), proofs: proven('email-code') },
    'blocked',
  ],
  [
    'all others have the same ways as where it is closed',
    { ...listed, intent: 'create', identifier: at('other.example') },
    'first sms-code password',
  ],
  ['nor does a number', { ...listed, proofs: proven('sms-code') }, 'blocked'],
  [
    'nor a username',
    { ...listed, intent: 'create', identifier: username, firstWays: all('password') },
    'first password',
  ],
]

for (const [name, facts, expected] of table) {
  test(name, () => assert.equal(words(nextStep({ ...nobody, ...facts })), expected))
}

test('who may register, and whether everybody may know it', () => {
  const rows: [Partial<Facts>, Facts['identifier'], open: boolean, may: boolean][] = [
    [{ registration: 'open' }, username, true, true],
    [{ registration: 'closed', invited: true }, email, false, false],
    [{ registration: 'invited' }, email, false, false],
    [{ registration: 'invited', invited: true }, email, false, true],
    [{ ...listed }, email, true, true],
    [{ ...listed, invited: true }, phone, false, false],
    [{ ...listed, registrationDomains: [] }, email, false, false],
    [{ ...listed }, at('example.com.evil.example'), false, false],
    [{ ...listed }, at('EXAMPLE.COM'), false, false],
  ]
  for (const [facts, identifier, open, may] of rows) {
    const rules = { ...nobody, ...facts }
    const label = JSON.stringify([facts, identifier])
    assert.equal(isOpenTo(rules, identifier!), open, label)
    assert.equal(mayRegister(rules, identifier!), may, label)
  }
})
