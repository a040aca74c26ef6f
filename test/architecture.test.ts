import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rules } from './support/architecture.ts'
import { readSources, sourceFile } from './support/source.ts'

const sources = readSources()

for (const [name, rule] of Object.entries(rules)) {
  test(`in the whole tree, ${name}`, () => {
    const found = sources.flatMap(rule)
    assert.equal(found.length, 0, found.join('\n'))
  })
}

test('every folder of the tree is looked at', () => {
  for (const folder of ['connectors', 'migrations', 'src/db', 'src/lib', 'test/support']) {
    assert.ok(
      sources.some(({ path }) => path.startsWith(`${folder}/`)),
      `No source was found in ${folder}`,
    )
  }
})

type Planted = readonly [path: string, text: string]

/** What each rule has to find, once in each, and what it has to leave alone. */
const examples: Record<string, { refused: Planted[]; allowed: Planted[] }> = {
  'a folder imports only from rows below its own': {
    refused: [
      ['src/users/a.ts', "import { a } from '#src/oidc/index.ts'"],
      ['src/users/a.ts', "import { a } from '../oidc/index.ts'"],
      ['src/users/a.ts', "import type { A } from '#src/clients/index.ts'"],
      ['src/users/a.ts', "import { a } from '../../test/support/race.ts'"],
      ['src/users/a.ts', "const b = /'/\nimport { a } from '#src/oidc/index.ts'"],
      ['src/account/a.ts', "export * from '#src/interaction/index.ts'"],
      ['src/lib/a.ts', "const a = await import('#config/env.ts')"],
      ['src/db/a.ts', "import {\n  a,\n  b,\n} from '../app.ts'"],
      ['src/oidc/a.ts', "import '#src/interaction/index.ts'"],
      ['src/helpers/a.ts', 'export const a = 1'],
    ],
    allowed: [
      ['src/users/a.ts', "import type { A } from '#src/oidc/contract.ts'"],
      ['src/users/a.ts', "import { a } from '#src/db/index.ts'\nimport b from 'zod'"],
      ['src/users/a.ts', "// import { a } from '#src/oidc/index.ts'"],
      ['src/users/a.ts', 'const a = "import \'#src/oidc/index.ts\'"'],
      ['src/main.ts', "import { app } from './app.ts'"],
      ['config/env.ts', "import { a } from '#src/lib/crypto.ts'"],
    ],
  },
  'a feature is imported through its index.ts or contract.ts': {
    refused: [
      ['src/oidc/a.ts', "import { a } from '#src/users/repository.ts'"],
      ['src/app.ts', "import { a } from './users/repository.ts'"],
      ['src/messaging/a.ts', "import { a } from '#connectors/inbox/index.ts'"],
    ],
    allowed: [
      ['src/users/a.ts', "import { a } from './repository.ts'"],
      ['src/app.ts', "import { a } from '#src/lib/log.ts'"],
      ['src/messaging/a.ts', "import { a } from '#connectors/defaults.ts'"],
    ],
  },
  'a contract brings no code along but that of contracts, the library and packages': {
    refused: [
      ['src/users/contract.ts', "import { a } from './repository.ts'"],
      ['src/users/contract.ts', "import type { A } from '#src/oidc/index.ts'"],
    ],
    allowed: [
      ['src/users/contract.ts', "import { a } from '#connectors/contract.ts'"],
      ['src/users/contract.ts', "import type { A } from './find.ts'"],
    ],
  },
  'only src/oidc knows oidc-provider': {
    refused: [
      ['src/interaction/a.ts', "import type { Provider } from 'oidc-provider'"],
      ['src/app.ts', "import { a } from 'oidc-provider/lib/helpers/errors.js'"],
    ],
    allowed: [['src/oidc/a.ts', "import type { Provider } from 'oidc-provider'"]],
  },
  'only repositories, src/db and migrations know the database': {
    refused: [
      ['src/users/find.ts', "import type { Knex } from 'knex'"],
      ['src/users/find.ts', 'await db.query("a", "select 1")'],
      ['src/users/find.ts', 'await db.query<Row>(name, text)'],
      ['src/main.ts', 'await database.knex.destroy()'],
    ],
    allowed: [
      ['src/users/repository.ts', "import type { Knex } from 'knex'\ndb.query(a, b)"],
      ['src/users/routes.ts', 'const { a } = ctx.query'],
    ],
  },
  'only config/env.ts reads the environment': {
    refused: [
      ['src/main.ts', 'const port = process.env.PORT'],
      ['src/main.ts', 'const { env } = process'],
      ['src/main.ts', 'const a = `a ${' + 'process.env.A} is`'],
    ],
    allowed: [
      ['config/env.ts', 'const port = process.env.PORT'],
      ['src/main.ts', "const words = 'process.env' // process.env"],
    ],
  },
  'a policy imports types only': {
    refused: [
      ['src/interaction/policy.ts', "import { a } from './steps.ts'"],
      ['src/interaction/policy.ts', "import { type A, b } from './steps.ts'"],
      ['src/interaction/policy.ts', "import './steps.ts'"],
    ],
    allowed: [
      ['src/interaction/policy.ts', "import type { A } from './a.ts'"],
      ['src/interaction/policy.ts', "import { type A, type B } from './a.ts'"],
      ['src/interaction/flow.ts', "import { a } from './a.ts'"],
    ],
  },
  'a connector knows its vendor and the contract': {
    refused: [
      ['connectors/inbox/index.ts', "import { log } from '#src/lib/log.ts'"],
      ['connectors/inbox/index.ts', "import { a } from '../twilio-sms/index.ts'"],
      ['connectors/index.ts', "import { a } from '../src/lib/log.ts'"],
    ],
    allowed: [
      ['connectors/inbox/index.ts', "import { a } from '../contract.ts'"],
      ['connectors/inbox/index.ts', "import { a } from './send.ts'\nimport twilio from 'twilio'"],
    ],
  },
  'a file has at most 300 lines': {
    refused: [['src/users/a.ts', 'a()\n'.repeat(301)]],
    allowed: [['src/users/a.ts', 'a()\n'.repeat(300)]],
  },
  'files and folders are named in kebab-case': {
    refused: [
      ['src/users/findUser.ts', ''],
      ['src/Users/find.ts', ''],
      ['migrations/create_users.ts', ''],
    ],
    allowed: [
      ['src/users/find-user.ts', ''],
      ['test/users/find-user.test.ts', ''],
      ['migrations/20261120090000_create_users.ts', ''],
    ],
  },
  'nothing is printed to the console but by the log': {
    refused: [['src/users/a.ts', 'console.log(1)']],
    allowed: [['src/users/a.ts', "const a = /['\"]/\nconst b = 'console.log'"]],
  },
  'no type is any': {
    refused: [
      ['src/users/a.ts', 'const a: any = 1'],
      ['src/users/a.ts', 'const a = b as any'],
      ['test/users/a.ts', 'const a = new Map<string, any>()'],
    ],
    allowed: [['src/users/a.ts', 'const a = Promise.any(all) // as any']],
  },
  'nothing is left for later': {
    refused: [['src/users/a.ts', '/** FIX' + 'ME: more */']],
    allowed: [['src/users/a.ts', "const a = 'TODO'"]],
  },
}

for (const [name, rule] of Object.entries(rules)) {
  test(`where it is broken on purpose, it is found that ${name}`, () => {
    const { refused, allowed } = examples[name]!
    for (const [path, text] of refused) {
      assert.equal(rule(sourceFile(path, text)).length, 1, `${path}: ${text}`)
    }
    for (const [path, text] of allowed) assert.deepEqual(rule(sourceFile(path, text)), [])
  })
}
