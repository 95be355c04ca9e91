import type { VerificationReport } from '../../verifier/index.ts'

/** 文件验证 of GB/T 36906: 0 passed, 1 the seal's signature failed, 2 the file failed otherwise. */
export type FileCheckCode = 0 | 1 | 2

/**
 * The code for a verdict. Only what the verifier accepts passes, so a genuine file of a licence that was revoked does not; what could not
 * be decided does not pass either.
 */
export function fileCheckCode({ verdict, signatures, indication }: VerificationReport): FileCheckCode {
  if (verdict === 'accepted') return 0
  const isSealBroken = signatures.length === 0 || indication !== 'TOTAL-PASSED'
  return isSealBroken ? 1 : 2
}
