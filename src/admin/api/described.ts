import { type DescribedApi, flowOf } from '#src/api/index.ts'
import { scopes } from '../contract.ts'

/** What the document of the management API says of it as a whole. */
export const managementApi = (baseUrl: string): DescribedApi => {
  const tokenUrl = `${baseUrl}/oidc/token`
  const authorizationUrl = `${baseUrl}/oidc/auth`
  return {
    title: 'Avouch management API',
    url: `${baseUrl}/api`,
    flows: {
      clientCredentials: flowOf(scopes, { tokenUrl }),
      // By an admin, who may do what their role allows as well.
      authorizationCode: flowOf(scopes, { authorizationUrl, tokenUrl, refreshUrl: tokenUrl }),
    },
  }
}
