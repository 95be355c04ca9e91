import { generateKeyPairSync, sign } from 'node:crypto'
import type { LicenceData, StatementClaims } from '../../licence-format/index.ts'
import { formatIdentifier } from '../../licence-format/index.ts'
import type { SigningKey } from '../../pki/index.ts'

export const IDENTIFIER = formatIdentifier({
  typeCode: '11100000MB0143028R001',
  issuerCode: '11330100002490000X',
  serial: '0123456789ABCDEFGHIJ',
  version: 1,
})

export const LICENCE: LicenceData = {
  schema: 'zhengyin-licence-1',
  salt: 'AAECAwQFBgcICQoLDA0ODw',
  identifier: IDENTIFIER,
  typeCode: '11100000MB0143028R001',
  typeName: '营业执照',
  templateVersion: 1,
  number: '91330100MA2AXXXX0X',
  issuer: { code: '11330100002490000X', name: '云汀市市场监督管理局' },
  holders: [{ name: '云汀印证科技有限公司', code: '91330100MA2AXXXX0X', codeType: '001' }],
  issuedOn: '2026-11-21',
  validFrom: '2026-11-21',
  validUntil: null,
  fields: { capital: 1000000, scope: '技术服务', partners: [{ name: '张三', share: 0.5 }] },
  replaces: null,
}

export const CLAIMS: StatementClaims = {
  identifier: IDENTIFIER,
  holder: '张*三',
  number: '云市监食字第JY13301990000018号',
  validFrom: '2026-11-21',
  validUntil: '2031-11-20',
  dataDigest: new Uint8Array(32).fill(7),
  statusList: 3,
  statusPlace: 1_048_575,
  issuedAt: new Date('2026-11-21T08:00:00Z'),
}

/** A P-256 key in memory, made at run time. */
export function ecKey(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const signSync = (data: Uint8Array) => new Uint8Array(sign('sha256', data, privateKey))
  return {
    signatureAlgorithm: 'ecdsa-with-SHA256',
    publicKey: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })),
    signSync,
    sign: async (data) => signSync(data),
  }
}

export function codeOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
  return 'nothing refused'
}
