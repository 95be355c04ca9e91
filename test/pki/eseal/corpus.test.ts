import { describe, expect, it } from 'vitest'
import { asn1, cms, ecdsaToRaw, eseal, primitives, x509 } from '../../../pki/index.ts'
import { openCorpus } from '../../support/corpora.ts'
import { unzip } from '../../support/unzip.ts'

interface SealFacts {
  layout: string
  header: [string, number, string]
  esID: string
  sigalg: string
  maker: string
  seal_sig_ok: boolean
  timestamp: boolean | null
}
interface SignatureFacts {
  signature: string
  check_method: string
  refs: number
  refs_ok: number
  refs_bad: string[]
  signed_value_bytes: number
  layout: string | null
  dataHash_ok: boolean | null
  signature_ok: boolean | null
  seal_ok: boolean | null
  signer: string | null
  time: string | null
  note?: string
}
interface Case {
  file: string
  size: number
  sha256: string
  why: string
  expect: { verdict: string; facts: SealFacts | SignatureFacts[] }
}

const corpus = openCorpus('ofd-seal')
const cases = corpus?.json<{ cases: Case[] }>('index.json').cases ?? []
const seals = cases.filter(({ file }) => file.endsWith('.esl'))
const packages = cases.filter(({ file }) => file.endsWith('.ofd'))

const layoutNames: Record<eseal.SesLayout, string> = {
  V1: 'GM/T 0031 (V1-V3)',
  V4: 'GB/T 38540 (V4)',
  V5: 'GM/T 0031-2025 (V5)',
}
const commonName = (der: Uint8Array): string | null =>
  x509.parseCertificate(der).subject.attributes.find(({ type }) => type === '2.5.4.3')?.value ?? null
const toDigits = (time: Date): string => `${time.toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`

describe.skipIf(corpus === undefined)('the corpus ofd-seal', () => {
  it('has no kind of case and no field that these tests do not read', () => {
    expect(cases.filter(({ file }) => !/\.(esl|ofd)$/.test(file))).toEqual([])
    const known = ['file', 'size', 'sha256', 'why', 'expect', 'verdict', 'facts']
    const facts = [
      ...['layout', 'header', 'esID', 'sigalg', 'maker', 'seal_sig_ok', 'timestamp', 'signature', 'check_method'],
      ...['refs', 'refs_ok', 'refs_bad', 'signed_value_bytes', 'dataHash_ok', 'signature_ok', 'seal_ok', 'signer'],
      ...['time', 'note'],
    ]
    for (const entry of cases) {
      expect(known).toEqual(expect.arrayContaining([...Object.keys(entry), ...Object.keys(entry.expect)]))
      for (const fact of [entry.expect.facts].flat()) expect(facts).toEqual(expect.arrayContaining(Object.keys(fact)))
    }
  })

  it.each(seals)('$file: $expect.verdict', async ({ file, expect: expected }) => {
    const facts = expected.facts as SealFacts
    const seal = eseal.parseSeal(corpus!.read(file))
    const verified = await eseal.verifySeal(seal)
    expect({
      layout: layoutNames[seal.layout],
      header: [seal.info.headerId, seal.info.version, seal.info.vendorId],
      esID: seal.info.esId,
      sigalg: seal.signatureAlgorithm,
      maker: commonName(seal.makerCertificate),
      seal_sig_ok: verified.signatureValid,
      timestamp: seal.layout === 'V1' ? null : seal.timeStamp !== undefined,
    }).toEqual(facts)
    expect(verified.signatureValid).toBe(expected.verdict === 'ACCEPT_INTEGRITY')
    // No anchor was given: the maker is nobody we know.
    expect(verified).toMatchObject({ verdict: 'undecided', reason: 'TRUST_NOT_GIVEN' })
  })

  it.each(seals)('$file: no octet of what was signed can be another', async ({ file }) => {
    const bytes = corpus!.read(file)
    const { info } = eseal.parseSeal(bytes)
    // From the header of SES_SealInfo to the end of the picture: all of it is signed.
    const end = info.picture.data.byteOffset - bytes.byteOffset + info.picture.data.length
    const places = Array.from({ length: 40 }, (_, i) => 4 + Math.floor((i * (end - 4)) / 40))
    for (const at of places) {
      const turned = bytes.slice()
      turned[at]! ^= 0x01
      expect(await isIntact(turned), `octet ${at}`).toBe(false)
    }
  })

  it.each(packages)('$file: $expect.verdict', async ({ file, expect: expected }) => {
    const facts = expected.facts as SignatureFacts[]
    const files = unzip(corpus!.read(file))
    const found = await Promise.all(findSignatures(files).map((path) => judge(files, path)))
    expect(found.map(({ signature }) => signature)).toEqual(facts.map(({ signature }) => signature))
    for (const [index, fact] of facts.entries()) {
      const { kind, checked, intact: _intact, ...common } = found[index]!
      const { layout, dataHash_ok, signature_ok, seal_ok, signer, time, note: _note, ...told } = fact
      expect(common).toEqual(told)
      // Where the oracle read no SES_Signature, ours may have checked more; where it did, both say the same.
      if (layout !== null) expect(checked).toEqual({ layout, dataHash_ok, signature_ok, seal_ok, signer, time })
      else expect(kind, common.signature).toBe(kindWithoutOracle[`${file} ${common.signature}`] ?? kind)
    }
    expect(concludePackage(found)).toBe(expected.verdict)
  })
})

/** What the signed values are that the corpus' own oracle did not read. */
const kindWithoutOracle: Record<string, string> = {
  'keyword.ofd Doc_0/Signs/Sign_1/Signature.xml': 'SES_Signature',
  'keyword.ofd Doc_0/Signs/Sign_3/Signature.xml': 'GB/T 35275',
  'DigitalSign.ofd Doc_0/Signs/Sign_0/Signature.xml': 'bare value',
}

async function isIntact(bytes: Uint8Array): Promise<boolean> {
  try {
    return (await eseal.verifySeal(eseal.parseSeal(bytes))).signatureValid === true
  } catch (error) {
    if ((error as { name?: string }).name !== 'PkiError') throw error
    return false
  }
}

type Files = Map<string, Uint8Array>
interface Found {
  signature: string
  check_method: string
  refs: number
  refs_ok: number
  refs_bad: string[]
  signed_value_bytes: number
  kind: 'SES_Signature' | 'GB/T 35275' | 'bare value'
  checked: Record<string, unknown> | undefined
  intact: boolean | null
}

const text = (files: Files, path: string): string => new TextDecoder().decode(files.get(path.replace(/^\//, '')))
const inFolder = (base: string, path: string): string =>
  path.startsWith('/') ? path.slice(1) : `${base.replace(/[^/]*$/, '')}${path}`
const element = (xml: string, name: string): string | undefined =>
  new RegExp(`<(?:\\w+:)?${name}(?:\\s[^>]*)?>([^<]*)</`).exec(xml)?.[1]?.trim()

/** OFD.xml → Signatures.xml → each Signature.xml, by their references. */
function findSignatures(files: Files): string[] {
  const list = element(text(files, 'OFD.xml'), 'Signatures')
  if (list === undefined) return []
  const path = inFolder('OFD.xml', list)
  return [...text(files, path).matchAll(/<(?:\w+:)?Signature\s[^>]*BaseLoc="([^"]+)"/g)].map(([, location]) =>
    inFolder(path, location!),
  )
}

async function judge(files: Files, path: string): Promise<Found> {
  const bytes = files.get(path)!
  const xml = new TextDecoder().decode(bytes)
  const references = [...xml.matchAll(/FileRef="([^"]+)"[^>]*>\s*<(?:\w+:)?CheckValue>([^<]+)</g)]
  const bad: string[] = []
  for (const [, file, value] of references) {
    const digest = await primitives.digest('SM3', files.get(file!.slice(1)) ?? new Uint8Array(0))
    if (Buffer.from(digest).toString('base64') !== value!.trim()) bad.push(file!)
  }
  const signed = files.get(inFolder(path, element(xml, 'SignedValue')!))!
  return {
    signature: path,
    check_method: /CheckMethod="([^"]+)"/.exec(xml)![1]!,
    refs: references.length,
    refs_ok: references.length - bad.length,
    refs_bad: bad,
    signed_value_bytes: signed.length,
    ...(await judgeValue(signed, bytes)),
  }
}

async function judgeValue(
  signed: Uint8Array,
  protectedData: Uint8Array,
): Promise<Pick<Found, 'kind' | 'checked' | 'intact'>> {
  const first = asn1.parseDer(signed).children[0]!
  if (first.tag === asn1.TAG.integer) {
    expect(ecdsaToRaw(signed, 32)).toHaveLength(64)
    return { kind: 'bare value', checked: undefined, intact: null }
  }
  if (first.tag === asn1.TAG.oid) {
    const signers = await cms.verifyGmSignedData(cms.parseGmSignedData(signed), { content: protectedData })
    expect(signers).toHaveLength(1)
    return { kind: 'GB/T 35275', checked: undefined, intact: signers.every(({ valid }) => valid) }
  }
  const signature = eseal.parseSignature(signed)
  const verified = await eseal.verifySignature(signature, protectedData)
  const checked = {
    layout: layoutNames[signature.layout],
    dataHash_ok: verified.dataHashMatches,
    signature_ok: verified.signatureValid,
    seal_ok: verified.seal.signatureValid,
    signer: commonName(signature.certificate),
    time: toDigits(signature.time!),
  }
  const intact = [verified.dataHashMatches, verified.signatureValid, verified.seal.signatureValid].every(Boolean)
  return { kind: 'SES_Signature', checked, intact }
}

function concludePackage(found: readonly Found[]): string {
  if (found.length === 0) return 'UNSIGNED'
  if (found.some(({ refs_bad, intact }) => refs_bad.length > 0 || intact === false)) return 'REJECT'
  return found.some(({ intact }) => intact === null) ? 'REFS_OK_SIGNATURE_NOT_CHECKED' : 'ACCEPT_INTEGRITY'
}

describe.skipIf(corpus === undefined)('signed values of vendors', () => {
  it('verify in both dialects of their own: r ‖ s in 64 octets, the digest as content', async () => {
    const files = unzip(corpus!.read('keyword.ofd'))
    const found = await Promise.all(findSignatures(files).map((path) => judge(files, path)))
    expect(found.map(({ kind, intact }) => [kind, intact])).toEqual([
      ['SES_Signature', true],
      ['GB/T 35275', true],
    ])
  })

  it('do not verify over another document', async () => {
    const files = unzip(corpus!.read('v4signed.ofd'))
    const [path] = findSignatures(files)
    files.set(path!, asn1.concat([files.get(path!)!, Uint8Array.of(0x20)]))
    expect((await judge(files, path!)).intact).toBe(false)
  })
})
