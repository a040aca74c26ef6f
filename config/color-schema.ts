/** Colours that an operator chooses. */
import { z } from 'zod'
import { contrast } from '#src/lib/colour.ts'

export const color = z
  .string()
  .regex(/^#[0-9a-f]{6}$/i, 'has to be a colour like #1f5f8b')
  .toLowerCase()

/** WCAG 2.2, 1.4.11: what has to be seen to use a page stands out from what is around it. */
const leastContrast = 3

/** For buttons on the white of the pages; what text on it and links need is worked out from it. */
export const brandColor = color.superRefine((chosen, ctx) => {
  const given = contrast(chosen, '#ffffff')
  if (given >= leastContrast) return
  const message = `is too pale to be seen on white: ${Math.floor(given * 10) / 10} to 1, where ${leastContrast} to 1 is the least; choose a darker one`
  ctx.addIssue({ code: 'custom', message, input: chosen })
})
