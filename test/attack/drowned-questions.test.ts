// A responder knows of a stolen key before any list does: whoever makes a document must not choose that it is not asked.
import { describe, expect, it } from 'vitest'
import { ocspRequests } from '../../bin/evidence.ts'
import { appendValidationData } from '../../pades/write/index.ts'
import { asn1, ca, ocsp, x509 } from '../../pki/index.ts'
import { createGatherer, type EvidenceSource, findSubject, verifyDocument } from '../../verifier/index.ts'
import { makeOcsp, sealAt } from '../fixtures/levels.ts'
import { forge, keyUsage } from '../support/forge-pki.ts'
import { fromNow, NOW, page, pki, policy as worldPolicy } from '../verifier/world.ts'

const policy = { ...worldPolicy, trustList: 'skipped', status: 'skipped' } as const
const seal = pki.get('seal')
const authority = pki.get('ca')
const parsedCa = x509.parseCertificate(authority.certificate)
const hour = 3_600_000
const theft = fromNow(-24 * hour)

// Lists of the week, from before the theft.
const lists = await Promise.all(
  (['root', 'ca'] as const).map((name) => {
    const { certificate, key } = pki.get(name)
    const times = { thisUpdate: fromNow(-48 * hour), nextUpdate: fromNow(72 * hour) }
    return ca.issueCrl({ issuer: { certificate }, key, crlNumber: 3, ...times, entries: [] })
  }),
)
const junk = await Promise.all(Array.from({ length: 40 }, async (_, i) => (await forge({ name: `junk ${i}` })).der))
const namesakes = await Promise.all(
  Array.from({ length: 300 }, async () => (await forge({ name: parsedCa.subject.raw })).der),
)

/** A page sealed with the stolen key, with these certificates before the signer's own in the unsigned part of its CMS. */
async function sealedBehind(others: readonly Uint8Array[]): Promise<Uint8Array> {
  const inside = [...others, seal.certificate, authority.certificate]
  const chain = [...others, authority.certificate, pki.get('root').certificate]
  const sealed = sealAt(await page(), { ...seal, chain }, { field: 'Seal1', signedAt: fromNow(-hour), docMdp: 1 })
  const text = Buffer.from(sealed).toString('latin1')
  const isUpper = text.includes(Buffer.from(seal.certificate).toString('hex').toUpperCase())
  const hex = (parts: readonly Uint8Array[]) => {
    const written = Buffer.concat(parts).toString('hex')
    return isUpper ? written.toUpperCase() : written
  }
  const was = hex(asn1.sortSetOf(inside))
  expect(text).toContain(was)
  return new Uint8Array(Buffer.from(text.replace(was, hex(inside)), 'latin1'))
}

const source: EvidenceSource = {
  crls: async () => lists,
  trustList: async () => null,
  ocsps: async (certificates) => {
    const isAsked = certificates.some((one) => Buffer.compare(one, seal.certificate) === 0)
    const status = { kind: 'revoked', revocationDate: theft, reason: 'keyCompromise' } as const
    return isAsked ? [await makeOcsp({ about: seal, by: authority, thisUpdate: fromNow(-600_000), status })] : []
  },
}

async function verdictOn(bytes: Uint8Array): Promise<string> {
  const evidence = await createGatherer(source)(findSubject(bytes))
  return (await verifyDocument({ name: 'a.pdf', bytes }, evidence, policy, NOW)).verdict
}

describe('a seal of which the responder alone knows that its key was stolen', () => {
  it('is refused, wherever its certificate stands among others', async () => {
    expect(await verdictOn(await sealedBehind([]))).toBe('refused')
    expect(await verdictOn(await sealedBehind(junk))).toBe('refused')
  })

  it('is never accepted where more certificates of its CA’s name come along than are asked about', async () => {
    const sealed = await sealedBehind([])
    const drowned = appendValidationData(sealed, { certificates: namesakes, ocsps: [], crls: [] })
    expect(await verdictOn(drowned)).not.toBe('accepted')
    expect(await verdictOn(await sealedBehind(namesakes.slice(0, 40)))).not.toBe('accepted')
  })

  it('is unknown where a limit kept it from being asked about', async () => {
    const bytes = await sealedBehind([])
    const evidence = { crls: lists, trustList: null, statusLists: new Map(), live: null }
    const judge = async (askedAbout?: string[]) =>
      verifyDocument({ name: 'a.pdf', bytes }, { ...evidence, ...(askedAbout && { askedAbout }) }, policy, NOW)
    const empty = { identifier: null, statementText: null, certificates: [] }
    expect((await createGatherer(source)(empty)).askedAbout).toEqual([])
    expect((await judge()).verdict).toBe('accepted')
    expect(await judge([])).toMatchObject({ verdict: 'undecided', subIndication: 'TRY_LATER' })
  })
})

describe('ocspRequests', () => {
  const { serialNumber, serialNumberHex } = x509.parseCertificate(seal.certificate)
  const anchors = [pki.get('root').certificate]
  const isAsked = async (certificates: readonly Uint8Array[]) => {
    const hashes = await Promise.all((['SHA-1', 'SHA-256'] as const).map((name) => ocsp.hashIssuer(parsedCa, name)))
    const asked = (await ocspRequests(certificates, anchors)).flatMap((der) => ca.parseOcspRequest(der).certIds)
    return asked.some(
      ({ issuerKeyHash, serialNumberHex: serial }) =>
        serial === serialNumberHex &&
        hashes.some(({ keyHash }) => Buffer.compare(Buffer.from(keyHash), Buffer.from(issuerKeyHash)) === 0),
    )
  }

  it('takes for the issuer whose key signed, not the first of its name', async () => {
    expect(await isAsked([namesakes[0]!, seal.certificate, authority.certificate])).toBe(true)
  })

  it('asks about each certificate, also where another repeats its serial number', async () => {
    const same = (await forge({ name: 'junk', serial: serialNumber, extensions: [keyUsage([0])] })).der
    expect(await isAsked([seal.certificate, authority.certificate, same])).toBe(true)
    expect(await isAsked([same, seal.certificate, authority.certificate])).toBe(true)
  })
})
