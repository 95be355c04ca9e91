// `key filing-request`: the SM2 key with which seals are filed, and the request for its certificate.
import { writeFile } from 'node:fs/promises'
import { isCreditCode } from '../../licence-format/index.ts'
import { ca } from '../../pki/index.ts'
import { loadConfig, systemClock } from '../../platform/index.ts'
import { callerPath } from '../caller-path.ts'
import { CommandError } from '../errors.ts'
import { openKeyStore } from '../key-stores.ts'
import { openFilingKey } from '../seal-outside.ts'

export interface FilingRequestOptions {
  readonly organisation: string
  /** Unified social credit code. */
  readonly code: string
  /** The new file, PEM. */
  readonly out: string
}

/**
 * Writes a request (PKCS #10) for the certificate of the key `filing`, which is made at the first call and stays the same at the next ones.
 * Throws OPERATOR_INVALID, FILE_EXISTS.
 */
export async function requestFilingCertificate({ organisation, code, out }: FilingRequestOptions): Promise<void> {
  if (!isCreditCode(code)) throw new CommandError('OPERATOR_INVALID', 'the code is no unified social credit code')
  const store = await openKeyStore('seal', { ...loadConfig(), clock: systemClock })
  try {
    const key = await openFilingKey(store)
    const csr = await ca.encodeCsr({
      subject: [
        ['C', 'CN'],
        ['O', organisation],
        ['organizationIdentifier', `NTRCN-${code}`],
        ['CN', `${organisation}印章备案`],
      ],
      key,
    })
    const lines = Buffer.from(csr)
      .toString('base64')
      .match(/.{1,64}/g)!
      .join('\n')
    const pem = `-----BEGIN CERTIFICATE REQUEST-----\n${lines}\n-----END CERTIFICATE REQUEST-----\n`
    await writeFile(callerPath(out), pem, { flag: 'wx' }).catch((cause: unknown) => {
      if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')
        throw new CommandError('FILE_EXISTS', `${out} is there already`, { cause })
      throw cause
    })
    console.log(JSON.stringify({ store: 'seal', name: 'filing', file: out }))
  } finally {
    store.close()
  }
}
