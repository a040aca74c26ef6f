import type { DeclaredWebhook } from '#config/webhook-schema.ts'
import type { Db } from '#src/db/contract.ts'
import type { Keyring } from '#src/lib/crypto.ts'
import { webhookRepository } from './repository.ts'
import { openSecrets, sealSecret } from './secrets.ts'

/** So long the secret that the file had before signs as well. */
const overlapSeconds = 86_400

/**
 * Makes webhooks what the configuration file says. What it holds no longer belongs to admins from now
 * on; nothing is deleted, and what stays the same is not written.
 */
export const applyDeclaredWebhooks = async (
  tx: Db,
  keys: Keyring,
  declared: readonly DeclaredWebhook[],
): Promise<void> => {
  const repository = webhookRepository(tx)
  for (const { secret, ...webhook } of declared) {
    const { id } = webhook
    const sealed = sealSecret(keys, id, secret)
    await repository.declare(webhook, sealed)
    const [newest] = openSecrets(keys, id, (await repository.secrets(id)).slice(0, 1))
    if (newest === secret) continue
    // One that nothing opens signs nothing meanwhile either.
    await repository.replaceSecret(id, sealed, newest === undefined ? 0 : overlapSeconds, null)
  }
  await repository.release(declared.map(({ id }) => id))
}
