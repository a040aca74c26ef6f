import { z } from 'zod'

/** Whatever people write, as far as every database keeps it as it is. */
export const freeText = z
  .string()
  .refine((given) => given.isWellFormed() && !given.includes('\0'), 'has characters that are none')
