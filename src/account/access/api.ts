import type { Middleware } from 'koa'
import { apiRoutes, flowOf } from '#src/api/index.ts'
import { type Operation, type Run, scopes } from '../contract.ts'
import type { AccountDeps } from '../deps.ts'
import type { AccountOperations } from '../operations.ts'
import { challenge, readCaller } from './bearer.ts'
import { crossOrigin } from './cross-origin.ts'

/** The account API: the same operations for clients that draw pages of their own. */
export const accountApi = (
  deps: AccountDeps,
  operations: AccountOperations,
  run: Run,
): Middleware[] => [
  crossOrigin(deps),
  apiRoutes({
    prefix: '/account/api',
    described: {
      title: 'Avouch account API',
      url: `${deps.baseUrl}/account/api`,
      flows: {
        authorizationCode: flowOf(scopes, {
          authorizationUrl: `${deps.baseUrl}/oidc/auth`,
          tokenUrl: `${deps.baseUrl}/oidc/token`,
        }),
      },
    },
    operations: Object.values(operations).flatMap((of): Operation[] => Object.values(of)),
    run,
    readActor: (ctx) => readCaller(deps, ctx),
    onProblem: challenge,
  }),
]
