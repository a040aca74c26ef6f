import { type DescribedApi, flowOf } from '#src/api/index.ts'
import { scopes } from '../contract.ts'

/** What the document of the management API says of it as a whole. */
export const managementApi = (baseUrl: string): DescribedApi => ({
  title: 'Avouch management API',
  url: `${baseUrl}/api`,
  flows: { clientCredentials: flowOf(scopes, { tokenUrl: `${baseUrl}/oidc/token` }) },
})
