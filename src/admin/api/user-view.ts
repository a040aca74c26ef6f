import { z } from 'zod'
import type { Db } from '#src/db/contract.ts'
import { personAccess } from '#src/oidc/index.ts'
import { browserRepository, findManagedUser, trustedBrowserRepository } from '#src/users/index.ts'
import { factorResetRepository, findCredentials } from '#src/verification/index.ts'
import { protectAdmins } from '../access/protect-repository.ts'
import { roles } from '../contract.ts'

/** Signs somebody out of everything, here and in applications, and ends what they are about to do. */
export type EndAccess = (db: Db, userId: string) => Promise<void>

export const instant = z
  .date()
  .transform((at) => at.toISOString())
  .pipe(z.iso.datetime())

export const identifierType = z.enum(['email', 'phone', 'username'])

/** Imported people keep the ids that they had elsewhere. */
export const personId = z.object({ id: z.string().regex(/^[\x21-\x7e]{1,128}$/) })

export const person = z.object({
  id: z.string(),
  name: z.string().nullable(),
  locale: z.string().nullable(),
  blockedAt: instant.nullable(),
  createdAt: instant,
  updatedAt: instant,
  lastSignInAt: instant.nullable(),
  version: z.int(),
  roles: z.array(z.string()),
  customData: z.record(z.string(), z.unknown()),
  admin: z.enum(roles).nullable().describe('What they may do here; null for most people.'),
  identifiers: z.array(
    z.object({
      type: identifierType,
      value: z.string().describe('As it is compared.'),
      display: z.string().describe('As it was typed.'),
      verified: z.boolean(),
    }),
  ),
  credentials: z.object({
    password: z.object({ changedAt: instant }).nullable(),
    totp: z.object({ since: instant }).nullable(),
    backupCodes: z.object({ left: z.int(), since: instant }).nullable(),
    passkeys: z.array(
      z.object({
        id: z.string().describe('The credential id, base64url.'),
        name: z.string(),
        aaguid: z.string().describe('Which product made it; zeros where that is not told.'),
        backedUp: z.boolean().describe('It is kept by a password manager.'),
        createdAt: instant,
        lastUsedAt: instant.nullable(),
      }),
    ),
  }),
  sessions: z
    .array(
      z.object({
        id: z.string(),
        agent: z.string().nullable().describe('The browser as it calls itself.'),
        address: z.string().nullable().describe('Where the sign-in came from.'),
        startedAt: instant.nullable(),
        signedInAt: instant.nullable().describe('When they last proved who they are.'),
        lastSeenAt: instant.nullable().describe('Give or take a minute.'),
        expiresAt: instant,
        clients: z.array(z.string()),
        methods: z.array(z.object({ method: z.string(), at: instant })),
      }),
    )
    .describe('Browsers in which they are signed in, a hundred at most.'),
  clients: z
    .array(
      z.object({
        clientId: z.string(),
        scopes: z.array(z.string()).describe('What they have consented to.'),
        consentedAt: instant.nullable(),
        grants: z.int().describe('Sign-ins that its tokens come from.'),
        offline: z.boolean().describe('It has refresh tokens.'),
      }),
    )
    .describe('Applications that act for them.'),
  trustedBrowsers: z
    .array(
      z.object({
        id: z.string(),
        agent: z.string().nullable().describe('As the browser calls itself.'),
        since: instant,
        until: instant,
        lastUsedAt: instant.nullable(),
      }),
    )
    .describe('Browsers in which they are not asked for a second factor.'),
  factorReset: z
    .object({
      id: z.string(),
      state: z.enum(['requested', 'approved']),
      requestedAt: instant,
      dueAt: instant.nullable().describe('When it is carried out, once it is approved.'),
    })
    .nullable()
    .describe('They say that they have lost their second factors.'),
  knownBrowsers: z.int().describe('Browsers that they have signed in with.'),
  devices: z
    .array(
      z.object({
        id: z.string(),
        identifier: z.object({ type: identifierType, value: z.string() }),
        method: z.string().describe('As they have signed in there last.'),
        lastUsedAt: instant,
      }),
    )
    .describe('Those browsers, the last used first, a hundred at most.'),
})

/** As {@link person} is answered. */
export type PersonView = z.output<typeof person>

const mostDevices = 100
/** The settings may make it less; then those that are older count no more, and are shown until then. */
const mostTrustDays = 365

/** Somebody as the API shows them. @throws Problem `not_found` */
export const userView = async (db: Db, id: string): Promise<z.input<typeof person>> => {
  const user = await findManagedUser(db, id)
  const access = personAccess(db)
  return {
    ...user,
    roles: [...user.roles],
    identifiers: [...user.identifiers],
    admin: await protectAdmins(db).roleOf(id),
    credentials: await findCredentials(db, id),
    sessions: (await access.sessions(id)) as z.input<typeof person>['sessions'],
    trustedBrowsers: await trustedBrowserRepository(db).list(id, mostTrustDays),
    factorReset: await factorResetRepository(db).find(id),
    clients: (await access.clients(id)) as z.input<typeof person>['clients'],
    devices: (await browserRepository(db).devices(id, mostDevices)).map(({ browser, ...rest }) => ({
      ...rest,
      id: browser.toString('base64url'),
    })),
  }
}
