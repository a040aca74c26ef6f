import type { Db } from '#src/db/contract.ts'

export const workStates = [
  'uploading',
  'waiting',
  'running',
  'done',
  'failed',
  'cancelled',
] as const
export type WorkState = (typeof workStates)[number]

export interface NewWork {
  /** Such as `users.import`. */
  kind: string
  options: Readonly<Record<string, unknown>>
  createdBy: { kind: 'client' | 'person'; id: string }
}

/** Work that takes longer than a request, and how far it came. */
export interface Work extends NewWork {
  id: string
  state: WorkState
  /** Of the file that it reads or makes. */
  bytes: number
  /** How many things there are to look at; null until they were counted. */
  total: number | null
  /** Looked at; of an import `added`, `existing` and `refused` together. */
  done: number
  added: number
  /** There already, and left as they are. */
  existing: number
  refused: number
  createdAt: Date
  startedAt: Date | null
  finishedAt: Date | null
  /** Why it failed, in words. */
  error: string | null
  /** Until when the file that it has made is there; null: there is none. */
  fileUntil: Date | null
  /** Where whoever goes on begins, as the task has said it. */
  position: string | null
}

/** A part of the file that was not taken. */
export interface Refusal {
  line: number
  /** What the file calls it. */
  subject: string | null
  reason: string
}

export interface Step {
  done: number
  added: number
  existing: number
  refused: readonly Refusal[]
  /** The next piece of the file that the work makes. */
  made?: Buffer
  position?: string
}

/** A work that this process has taken, for as long as it shows signs of life. */
export interface Job {
  work: Work
  /** The file, in pieces. Each one that is read is a sign of life. */
  file(): AsyncIterable<Buffer>
  /** Of what a trial run shows again and again, those that it has not shown before. */
  unseen(tx: Db, marks: readonly Buffer[]): Promise<boolean[]>
  setTotal(total: number): Promise<void>
  /**
   * Writes a part of the work and how far it came, together or not at all.
   *
   * @returns false where the work is no longer this process's, or the process ends: write no more
   */
  commit(write: (tx: Db) => Promise<Step>): Promise<boolean>
}

/**
 * Does one kind of work, from where it stands: `work.done` things were looked at before.
 *
 * @returns whether all is done; otherwise somebody goes on later
 * @throws Problem that says why it can not be done
 */
export type Task = (job: Job) => Promise<boolean>
