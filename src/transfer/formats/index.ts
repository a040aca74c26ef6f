import type { Format, ReadFile } from '../contract.ts'
import { readAuth0 } from './auth0.ts'
import { readAvouch } from './avouch.ts'
import { readCognito } from './cognito.ts'
import { readOwnCsv } from './csv.ts'
import { readFirebase } from './firebase.ts'
import { readKeycloak } from './keycloak.ts'
import { readLogto } from './logto.ts'

/** To add one: add a file that exports a reader, and name it here and in `contract.ts`. */
export const readers: Readonly<Record<Format, ReadFile>> = {
  csv: readOwnCsv,
  avouch: readAvouch,
  auth0: readAuth0,
  cognito: readCognito,
  firebase: readFirebase,
  keycloak: readKeycloak,
  logto: readLogto,
}
