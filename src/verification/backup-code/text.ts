import type { Translate } from '#src/lib/page.ts'

export interface BackupCodesText {
  /** With the words `backup_file`. */
  t: Translate
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
  const { t, codes } = file
  return [
    t('backup_file.title'),
    '',
    `${t('backup_file.application')}: ${line(file.application)}`,
    `${t('backup_file.account')}: ${line(file.account)}`,
    `${t('backup_file.created')}: ${file.createdAt.toISOString().slice(0, 10)}`,
    '',
    ...codes,
    '',
    t('backup_file.advice'),
    '',
  ].join('\n')
}
