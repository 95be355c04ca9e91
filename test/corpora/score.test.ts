import { beforeAll, describe, expect, it } from 'vitest'
import { NO_EVIDENCE, type VerificationReport, verifyDocument } from '../../verifier/index.ts'
import { openCorpus } from '../support/corpora.ts'

// Other people's signed PDFs, judged without trust anchors and network: were the signed bytes kept, and is what came later permitted?

interface Case {
  readonly file?: string
  readonly expect?: { readonly verdict?: string; readonly signatures?: number; readonly doctimestamps?: number }
}

/** The greatest share of sound documents that may be refused: those of kinds not read yet, such as encrypted ones. */
const MOST_FALSE_ALARMS = 0.05
const AT = new Date('2026-11-21T08:00:00Z')
const policy = { trustAnchors: [] }
const mustRefuse = new Set(['MODIFIED', 'BROKEN', 'MALFORMED', 'NOT_VALID', 'UNDECIDABLE'])

const isAccepted = ({ signatures, indication, documentChangedAfterSeal }: VerificationReport): boolean =>
  signatures.length > 0 &&
  indication !== 'TOTAL-FAILED' &&
  !documentChangedAfterSeal &&
  signatures.every(
    ({ integrity, byteRange, laterChanges }) =>
      integrity === 'intact' && byteRange === 'ok' && ['none', 'permitted'].includes(laterChanges),
  )

const suites = ['pdf-attacks-rub2019', 'pdf-dss', 'pdf-interop', 'pdf-pyhanko', 'pdf-robustness'].flatMap((name) => {
  const corpus = openCorpus(name)
  const cases = corpus?.json<{ cases: Case[] }>('index.json').cases ?? []
  return cases.flatMap(({ file, expect: expected }) =>
    corpus && file?.toLowerCase().endsWith('.pdf') && expected?.verdict
      ? [{ name: `${name}/${file}`, verdict: expected.verdict, expected, read: () => corpus.read(file) }]
      : [],
  )
})

describe.skipIf(suites.length === 0)('verifyDocument on documents of other makers', () => {
  const reports = new Map<string, VerificationReport>()
  beforeAll(async () => {
    for (const { name, read } of suites)
      reports.set(name, await verifyDocument({ name, bytes: read() }, NO_EVIDENCE, policy, AT))
  })
  const reportOf = ({ name }: { name: string }) => reports.get(name)!
  const where = (wanted: (verdict: string) => boolean) => suites.filter(({ verdict }) => wanted(verdict))

  it('accepts none that was changed, broken or cannot be read for certain', () => {
    const wrong = where((verdict) => mustRefuse.has(verdict)).filter((document) => isAccepted(reportOf(document)))
    expect(wrong.map(({ name }) => name)).toEqual([])
  })

  it('finds every signature of the sound ones, and hardly ever raises a false alarm', () => {
    const sound = where((verdict) => verdict === 'INTACT')
    const alarms = sound.filter((document) => !isAccepted(reportOf(document)))
    const names = alarms.map(({ name }) => name).join()
    expect(alarms.length / sound.length, names).toBeLessThanOrEqual(MOST_FALSE_ALARMS)
    for (const document of sound.filter((candidate) => !alarms.includes(candidate))) {
      const { signatures = 0, doctimestamps = 0 } = document.expected
      expect(reportOf(document).signatures, document.name).toHaveLength(signatures + doctimestamps)
    }
  })

  it('sees no signature where there is none', () => {
    for (const document of where((verdict) => verdict === 'UNSIGNED'))
      expect(reportOf(document).signatures, document.name).toEqual([])
  })

  it('accepts nothing as a whole: without a trusted root no signer is known', () => {
    for (const document of suites) expect(reportOf(document).verdict, document.name).not.toBe('accepted')
  })
})
