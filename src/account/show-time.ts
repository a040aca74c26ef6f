/** A moment in words. The person's time zone is not known, so the page says which one it is. */
export const showTime = (at: Date, lang: string): string =>
  new Intl.DateTimeFormat(`${lang}-u-nu-latn`, {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: 'UTC',
  }).format(at)

/** The day alone. */
export const showDay = (at: Date, lang: string): string =>
  new Intl.DateTimeFormat(`${lang}-u-nu-latn`, { dateStyle: 'long', timeZone: 'UTC' }).format(at)
