import type { DeclaredWebhook } from '#config/webhook-schema.ts'
import type { Db } from '#src/db/contract.ts'
import type { Keyring } from '#src/lib/crypto.ts'
import { secretContext, webhookRepository } from './repository.ts'

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
    await repository.declare(webhook, keys.seal(secret, secretContext(id)))
    const [newest] = await repository.secrets(id)
    if (newest && keys.open(newest, secretContext(id)) === secret) continue
    const sealed = keys.seal(secret, secretContext(id))
    await repository.replaceSecret(id, sealed, overlapSeconds, null)
  }
  await repository.release(declared.map(({ id }) => id))
}
