/** What somebody, or somebody else, may do in two tabs of one browser; for {@link file://./model.test.ts}. */
import fc from 'fast-check'

export type Fill = 'right' | 'wrong' | 'empty' | 'other'

export type Event =
  /** A request of the application, in this tab. */
  | { do: 'arrive'; tab: 0 | 1; ask: number; at: number }
  /** Sends one of the forms of the page. */
  | { do: 'send'; tab: 0 | 1; form: number; fill: Fill }
  /** Answers the page as its owner would. */
  | { do: 'answer'; tab: 0 | 1 }
  /** Uses the newest passkey that is there, whosever it is, or makes one. */
  | { do: 'passkey'; tab: 0 | 1 }
  /** Loads the page again. */
  | { do: 'reload'; tab: 0 | 1; query: number }
  /** Sends what was sent before once more, from wherever the tab is now. */
  | { do: 'replay'; tab: 0 | 1; which: number }
  /** Opens a page that was seen before. */
  | { do: 'back'; tab: 0 | 1; which: number }
  /** Says that they are somebody else. */
  | { do: 'identify'; tab: 0 | 1; who: number }
  /** Posts to a step that may not be due. */
  | { do: 'jump'; tab: 0 | 1; step: number; fill: Fill }

const tab = fc.constantFrom<0 | 1>(0, 1)
const fill = fc.constantFrom<Fill>('right', 'wrong', 'empty', 'other')
const some = fc.nat({ max: 11 })

const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('arrive' as const), tab, ask: some, at: some }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('send' as const), tab, form: some, fill }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('answer' as const), tab }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('passkey' as const), tab }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reload' as const), tab, query: some }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('replay' as const), tab, which: some }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('back' as const), tab, which: some }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('identify' as const), tab, who: some }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('jump' as const), tab, step: some, fill }) },
)

export const walks = fc.array(event, { minLength: 6, maxLength: 24 })
