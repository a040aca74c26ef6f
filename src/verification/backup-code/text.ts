export interface BackupCodesText {
  /** In the person's language; `application` and `account` name the two values. */
  words: { title: string; application: string; account: string; created: string; advice: string }
  application: string
  account: string
  createdAt: Date
  codes: readonly string[]
}

/** Names come from others: a line break in one could pass for a code or for advice of ours. */
const line = (text: string) =>
  text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()

/** What goes into the file that a person downloads to keep. */
export function backupCodesText(file: BackupCodesText): string {
  const { words, codes } = file
  return [
    words.title,
    '',
    `${words.application}: ${line(file.application)}`,
    `${words.account}: ${line(file.account)}`,
    `${words.created}: ${file.createdAt.toISOString().slice(0, 10)}`,
    '',
    ...codes,
    '',
    words.advice,
    '',
  ].join('\n')
}
