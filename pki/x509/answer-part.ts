import type { Crl } from '../revocation/crl.ts'
import type { OcspResponse } from '../revocation/ocsp.ts'
import type { Certificate } from './certificate.ts'
import type { RevocationStatus } from './check-revocation.ts'

/** Who signed a list or a response: a certificate above the one asked about, a delegate, or another key of a CA. */
export interface AnswerSigner {
  /** its certificate first, the anchor last */
  readonly path: readonly Certificate[]
  /** what lists and responses said of these, by place; empty where it is not asked, or asked of the path in question itself */
  readonly revocation: readonly RevocationStatus[]
}

/** One of the signed things that an answer was made of: a list, its delta, a response. */
export interface AnswerPart {
  readonly signed: Crl | OcspResponse
  readonly signer: AnswerSigner
}
