import { describe, expect, it } from 'vitest'
import { readSignedPdf } from '../../pades/read/index.ts'
import { cms, PkiError, x509 } from '../../pki/index.ts'
import { NO_EVIDENCE, type ValidationPolicy, type VerificationReport, verifyDocument } from '../../verifier/index.ts'
import { openCorpus } from '../support/corpora.ts'

// Other makers' time stamps and long-term documents: are stamps found as whole as the index says, and does what a document holds suffice
// where its own highest certificates are trusted?

interface Expected {
  readonly signature_timestamps_intact?: readonly (boolean | null)[]
  readonly field: string
  readonly crypto_intact: boolean | null
}
interface Case {
  readonly file?: string
  readonly expect?: { readonly verdict?: string; readonly per_signature?: readonly Expected[] }
}

const stamped = ['pdf-dss', 'pdf-interop', 'pdf-pyhanko'].flatMap((name) => {
  const corpus = openCorpus(name)
  const cases = corpus?.json<{ cases: Case[] }>('index.json').cases ?? []
  return cases.flatMap(({ file, expect: expected }) => {
    const wanted = expected?.per_signature?.filter((one) => one.signature_timestamps_intact && one.crypto_intact) ?? []
    return corpus && file && wanted.length > 0
      ? [{ name: `${name}/${file}`, wanted, read: () => corpus.read(file) }]
      : []
  })
})

const judge = (bytes: Uint8Array, policy: ValidationPolicy, at: string): Promise<VerificationReport> =>
  verifyDocument({ name: 'a.pdf', bytes }, NO_EVIDENCE, policy, new Date(at))

describe.skipIf(stamped.length === 0)('time stamps over signatures of other makers', () => {
  it.each(stamped)('are found and fit, or do not, as the index says: $name', async ({ wanted, read }) => {
    const report = await judge(read(), { trustAnchors: [] }, '2026-11-21T08:00:00Z')
    for (const { field, signature_timestamps_intact: intact = [] } of wanted) {
      const found = report.findings.filter((finding) => finding.check === 'time-stamp' && finding.field === field)
      expect(found).toHaveLength(intact.length)
      const wrong = found.filter(({ code }) => code === 'TIME_STAMP_WRONG').length
      // Where the index could not tell (null) the certificate lies elsewhere in the document, or nowhere.
      expect(wrong).toBeLessThanOrEqual(intact.filter((one) => one !== true).length)
      expect(wrong).toBeGreaterThanOrEqual(intact.filter((one) => one === false).length)
    }
  })
})

/** The highest certificates that a document brings along. */
function anchorsIn(bytes: Uint8Array): Uint8Array[] {
  const pdf = readSignedPdf(bytes)
  if (!pdf.ok) throw new Error(pdf.detail)
  const inCms = pdf.signatures.flatMap(({ contents }) => {
    const signedData = cms.parseSignedData(contents!, { allowBer: true, allowZeroPadding: true })
    const tokens = signedData.signerInfos.flatMap(cms.findSignatureTimeStamps)
    return [signedData, ...tokens.map((token) => cms.parseSignedData(token, { allowBer: true }))].flatMap(
      ({ certificates }) => certificates,
    )
  })
  const all = [...(pdf.validationData()?.certificates ?? []), ...inCms].flatMap(parse)
  return all.flatMap((certificate) => {
    const { issuer, subject, basicConstraints, raw } = certificate
    const isHighest =
      issuer.matchKey === subject.matchKey || !all.some((other) => other.subject.matchKey === issuer.matchKey)
    return basicConstraints?.cA === true && isHighest ? [raw] : []
  })
}

function parse(der: Uint8Array): x509.Certificate[] {
  try {
    return [x509.parseCertificate(der)]
  } catch (error) {
    if (error instanceof PkiError) return []
    throw error
  }
}

const longTerm = [
  {
    name: 'pdf-pyhanko/pades-lta-dss-indirect-arrs-test.pdf',
    at: '2020-11-01T01:00:00Z',
    rule: 'current-at-signature',
    seal: { level: 'B-LTA', indication: 'TOTAL-PASSED', subIndication: null },
  },
  {
    name: 'pdf-pyhanko/pades-lta-dss-indirect-arrs-test.pdf',
    at: '2020-11-01T01:00:00Z',
    rule: 'after-signature',
    seal: { level: 'B-T', indication: 'INDETERMINATE', subIndication: 'TRY_LATER' },
  },
  {
    name: 'pdf-dss/pades-ltv.pdf',
    at: '2024-07-31T10:31:39Z',
    rule: 'after-signature',
    seal: { level: 'B-LTA', indication: 'TOTAL-PASSED', bestSignatureTime: '2024-07-31T09:31:39.000Z' },
  },
  {
    name: 'pdf-dss/Signature-P-SK-6.pdf',
    at: '2013-09-06T15:23:24Z',
    rule: 'after-signature',
    seal: { level: 'B-LTA', indication: 'TOTAL-PASSED', bestSignatureTime: '2013-04-03T08:07:27.627Z' },
  },
  {
    name: 'pdf-dss/pades-lta-copied-doctst.pdf',
    at: '2023-12-07T15:08:42Z',
    rule: 'after-signature',
    seal: { level: 'B-LT', indication: 'TOTAL-PASSED', bestSignatureTime: '2023-12-07T14:08:42.000Z' },
    verdict: 'refused',
  },
] as const

describe('long-term documents of other makers, their own highest certificates trusted', () => {
  for (const one of longTerm) {
    const [suite, file] = one.name.split('/') as [string, string]
    const corpus = openCorpus(suite)
    it.skipIf(!corpus)(`${one.name} at ${one.at}, revocation data ${one.rule}: ${one.seal.level}`, async () => {
      const bytes = corpus!.read(file)
      const policy = { trustAnchors: anchorsIn(bytes), revocationFreshness: one.rule }
      const report = await judge(bytes, policy, one.at)
      expect(report.signatures[0]).toMatchObject(one.seal)
      if ('verdict' in one) expect(report.verdict).toBe(one.verdict)
    })
  }
})
