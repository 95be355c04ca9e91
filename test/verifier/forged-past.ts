import { asn1, OID } from '../../pki/index.ts'
import { NO_EVIDENCE, verifyDocument } from '../../verifier/index.ts'
import { addData, sealAt } from '../fixtures/levels.ts'
import type { TestEntity } from '../fixtures/pki.ts'
import {
  extension,
  type Forged,
  type ForgedSpec,
  forge,
  forgeCa,
  forgeCrl,
  forgeOcsp,
  keyUsage,
  reasonCode,
} from '../support/forge-pki.ts'
import { page } from './world.ts'

// Certificates, lists and answers that no CA would make, and documents sealed in the past with them.

export const at = (day: string, time = '00:00:00') => new Date(`${day}T${time}Z`)
export const secondsAfter = (time: Date, seconds: number) => new Date(time.getTime() + seconds * 1000)
const NOW = at('2025-06-01')
export const forYears = { notBefore: at('2008-01-01'), notAfter: at('2037-01-01') }

export const root = await forgeCa({ name: 'Root', ...forYears })
const timeStamping = extension(OID.extKeyUsage, asn1.encodeSequence(asn1.encodeOid(OID.timeStamping)), true)
const tsa = await forge({ name: 'TSA', issuer: root, extensions: [keyUsage([0]), timeStamping], ...forYears })

export const makeSeal = (issuer: Forged, spec: ForgedSpec = {}): Promise<Forged> =>
  forge({ name: 'Seal', issuer, extensions: [keyUsage([0, 1])], ...forYears, notAfter: at('2030-01-01'), ...spec })

/** What seals and stamps: the certificates above it, the root last. */
export const entity = ({ der, key }: Forged, ...above: readonly Forged[]): TestEntity => ({
  certificate: der,
  key,
  chain: above.map((one) => one.der),
})
export const authority = entity(tsa, root)

/** That a certificate was good, for a day. */
export const good = (
  about: Forged,
  issuer: Forged,
  thisUpdate: Date,
  signer = issuer,
  sent = signer,
): Promise<Uint8Array> =>
  forgeOcsp({
    signer,
    producedAt: thisUpdate,
    certificates: signer === issuer ? [] : [sent.der],
    singles: [{ certificate: about.certificate, issuer, thisUpdate, nextUpdate: secondsAfter(thisUpdate, 86_400) }],
  })
export const stampGood = (thisUpdate: Date) => good(tsa, root, thisUpdate)

export const entry = (about: Forged, revokedAt: Date, reason = 1) => ({
  serial: about.certificate.serialNumber,
  revokedAt,
  extensions: [reasonCode(reason)],
})

/** A CA's list of today. */
export const listOf = (issuer: Forged, ...entries: ReturnType<typeof entry>[]) =>
  forgeCrl({ issuer, thisUpdate: secondsAfter(NOW, -86_400), nextUpdate: secondsAfter(NOW, 30 * 86_400), entries })

/** B-T: sealed and stamped at a time, with certificates and answers beside. */
export async function sealedAt(
  time: Date,
  chain: readonly [seal: Forged, ...above: Forged[]],
  data: { readonly more?: readonly TestEntity[]; readonly ocsps?: Uint8Array[]; readonly crls?: Uint8Array[] },
): Promise<Uint8Array> {
  const signer = entity(...chain)
  const pdf = sealAt(await page(), signer, { field: 'Seal1', signedAt: time, docMdp: 1 }, [{ at: time, by: authority }])
  return addData(pdf, { ...data, entities: [signer, authority, ...(data.more ?? [])] })
}

/** What a verifier says today who trusts the root. */
export async function judgeToday(bytes: Uint8Array, crls: readonly Uint8Array[] = []) {
  const policy = { trustAnchors: [root.der], trustList: 'skipped' } as const
  const { verdict, signatures } = await verifyDocument({ name: 'a.pdf', bytes }, { ...NO_EVIDENCE, crls }, policy, NOW)
  const { indication, subIndication, level } = signatures[0]!
  return { verdict, indication, subIndication, level }
}
