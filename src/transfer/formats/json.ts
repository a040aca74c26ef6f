import type { Entry, Person, ReadFile, Unread } from '../contract.ts'
import { type JsonShape, splitJson } from '../json.ts'
import { isObject, type Json, parseJson } from './values.ts'

export interface JsonFormat extends JsonShape {
  /** What the report calls somebody. */
  subject: (record: Json) => string | null
  /** @throws Problem with what is wrong in its detail */
  person: (record: Json, also: Json | null) => Person
}

/** A reader of objects. Settings that come behind some records do not count for those. */
export const readJson = ({ subject, person, ...shape }: JsonFormat): ReadFile =>
  async function* (file): AsyncGenerator<Entry | Unread> {
    let also: Json | null = null
    for await (const { line, text, member } of splitJson(file, shape)) {
      const record = text === null ? undefined : parseJson(text)
      if (member !== null) {
        if (isObject(record)) also = record
        continue
      }
      if (!isObject(record)) {
        const fault = text === null ? 'is too long' : 'is no JSON object'
        yield { line, subject: null, fault }
        continue
      }
      try {
        yield { line, subject: subject(record), person: person(record, also) }
      } catch (error) {
        const fault = (error as { detail?: string }).detail ?? 'can not be read'
        yield { line, subject: subject(record), fault }
      }
    }
  }
