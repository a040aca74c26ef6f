import { z } from 'zod'

/** A list in which nothing is twice. */
export const distinct = <T extends z.ZodType>(each: T) =>
  z.array(each).refine((all) => new Set(all).size === all.length, 'may name nothing twice')
