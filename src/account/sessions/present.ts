import { describeAgent } from '#src/lib/agent.ts'
import type { PersonSession } from '#src/oidc/index.ts'

/** The browser of a session, and where it was, as far as that is known. */
export const placeOf = ({
  agent = null,
  address = null,
}: PersonSession & { agent?: string | null; address?: string | null }) => ({
  browser: agent === null ? null : describeAgent(agent),
  address,
})
