/**
 * Tells people of what was changed about their account, at every address that they have proven.
 *
 * Nobody has to remember to do it: whoever changes something notes it in the audit log, and this
 * feature follows the log. What is told is decided in `policy.ts`; the words are templates of the
 * usage type `SecurityNotice`.
 */
export { type NoticeDeps, notices } from './notify.ts'
