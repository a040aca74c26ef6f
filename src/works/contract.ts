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
  /** Such as `users.import`; also the operation that began it. */
  kind: string
  options: Readonly<Record<string, unknown>>
  createdBy: { kind: 'client' | 'person'; id: string }
  /** What is written stays so long, to be fetched; without it, the file goes when the work ends. */
  fileHours?: number
}

/** Work that takes longer than a request, and how far it came. */
export interface Work extends Omit<NewWork, 'fileHours'> {
  id: string
  state: WorkState
  /** Of the file. */
  bytes: number
  /** How many things there are to look at; null until they were counted. */
  total: number | null
  /** Looked at: `added`, `existing` and `refused` together. */
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
  /** Until when the file that was written can be fetched; null: there is none to fetch. */
  fileUntil: Date | null
  /** Where whoever goes on begins, as {@link Step} left it. */
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
  /** Of work that writes a file: the next piece, and where whoever goes on begins. */
  piece?: string
  position?: string
}

/** A work that this process has taken, for as long as it shows signs of life. */
export interface Job {
  work: Work
  /** The file, in pieces. Each one that is read is a sign of life. */
  file(): AsyncIterable<Buffer>
  /** Of what a trial run shows again and again, those that it has not shown before. */
  unseen(tx: Db, marks: readonly Buffer[]): Promise<boolean[]>
  /** Before the first part, or in its transaction. */
  setTotal(total: number, tx?: Db): Promise<void>
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
