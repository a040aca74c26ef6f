/**
 * What APIs of ours are made of: operations that say who may call them, what they take and give;
 * their way over HTTP; and the document that describes them. What an operation does, and who may,
 * is the business of the feature that has it.
 */
export { bearer } from './bearer.ts'
export { type Execute, execute } from './execute.ts'
export { idempotencyRepository } from './idempotency-repository.ts'
export { listOf, page, pageOf, readCursor, writeCursor } from './list.ts'
export { type DescribedApi, flowOf, openApi } from './openapi.ts'
export { apiRoutes } from './routes.ts'
