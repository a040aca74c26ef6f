import type { Translate } from '#src/lib/page.ts'
import type { Finding, Told } from './contract.ts'

/** Findings in the words of a language; what is in order has nothing to mend. */
export const tell = (t: Translate, finding: Finding): Told => {
  const key = finding.code.replace('.', '-')
  return {
    ...finding,
    title: t(`admin-doctor.title-${finding.check}`),
    says: t(`admin-doctor.says-${key}`, finding.values),
    mend:
      finding.state === 'fault' || finding.state === 'advice'
        ? (finding.hint ?? t(`admin-doctor.mend-${key}`, finding.values))
        : null,
  }
}
