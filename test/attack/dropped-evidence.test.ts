// The DSS may be written again by anybody: what it held under a stamp is not forgotten.
import { beforeAll, describe, expect, it } from 'vitest'
import { isArray, isDictionary, isReference } from '../../pades/objects.ts'
import { appendValidationData } from '../../pades/write/index.ts'
import { addData, stampDocument } from '../fixtures/levels.ts'
import { update } from '../pades/documents.ts'
import { answerOf, archived, crlAt, day, judge, later, pki, seal, sealed } from '../verifier/past.ts'

const told = { kind: 'revoked', revocationDate: day('2022-02-20'), reason: 'keyCompromise' } as const
const theft = async () => ({ ocsps: [await answerOf('seal', later(7_200), { status: told })] })
const codesOf = ({ findings }: Awaited<ReturnType<typeof judge>>) => findings.map(({ code }) => code)

/** The DSS written again with other answers, and nothing else changed. `change` gets the references that there are. */
function withAnswersOf(
  pdf: Uint8Array,
  change: (references: string[], free: number) => string[],
  streams: (free: number) => readonly { number: number; stream: Uint8Array }[] = () => [],
): Uint8Array {
  return update(pdf, (document, free) => {
    const reference = document.catalog.entries.get('DSS')
    if (!isReference(reference)) throw new Error('expected a DSS')
    const store = document.resolve(reference)
    const listOf = (key: string): string[] => {
      const list = isDictionary(store) ? document.resolve(store.entries.get(key)) : null
      return isArray(list) ? list.items.filter(isReference).map(({ number }) => `${number} 0 R`) : []
    }
    const body = `<< /Type /DSS /Certs [${listOf('Certs').join(' ')}] /OCSPs [${change(listOf('OCSPs'), free).join(' ')}] >>`
    const junk = streams(free).map(({ number, stream }) => {
      return { number, generation: 0, body: `<< /Length ${stream.length} >>`, stream }
    })
    return [{ number: reference.number, generation: 0, body }, ...junk]
  })
}

const junk = (count: number) => (free: number) =>
  Array.from({ length: count }, (_, i) => ({ number: free + i, stream: Uint8Array.of(0x30, 4, 2, 2, i >> 8, i) }))
const namesOf = (streams: readonly { number: number }[]) => streams.map(({ number }) => `${number} 0 R`)

/** Ways to write the DSS again so that its last answer is not read in it. */
const ways: Readonly<Record<string, (pdf: Uint8Array) => Uint8Array>> = {
  'left out': (pdf) => withAnswersOf(pdf, (all) => all.slice(0, -1)),
  'and all others left out': (pdf) => withAnswersOf(pdf, () => []),
  'behind 256 streams of junk': (pdf) =>
    withAnswersOf(pdf, (all, free) => [...all.slice(0, -1), ...namesOf(junk(256)(free)), all.at(-1)!], junk(256)),
  'in a DSS of more references than are read': (pdf) =>
    withAnswersOf(pdf, (all) => [...all, ...Array.from({ length: 10_001 }, () => all[0]!)]),
}

describe('a theft that an archive has told and stamped', () => {
  const at = day('2022-03-05')
  let lists: Uint8Array[]
  let marked: Uint8Array
  let markedAlone: Uint8Array
  beforeAll(async () => {
    lists = await Promise.all((['root', 'ca', 'tsaCa'] as const).map((name) => crlAt(name, later(3_600))))
    const stamp = { at: later(10_800), by: pki.get('tsa') }
    marked = stampDocument(addData(await archived(), await theft()), stamp)
    markedAlone = stampDocument(addData(sealed(), await theft()), stamp)
  })

  it.each(Object.entries(ways))('is not taken out of it years later: %s', async (_, rewrite) => {
    expect(seal(await judge(marked))).toMatchObject({ subIndication: 'REVOKED_NO_POE' })
    const report = await judge(rewrite(marked))
    expect(seal(report).laterChanges).toBe('permitted')
    expect(report.verdict).not.toBe('accepted')
    if (!codesOf(report).includes('EVIDENCE_UNREAD'))
      expect(seal(report)).toMatchObject({ subIndication: 'REVOKED_NO_POE' })
  })

  it.each(Object.entries(ways))('is not taken out of it where lists at hand do not know it: %s', async (_, rewrite) => {
    expect((await judge(sealed(), { at, crls: lists })).verdict).toBe('accepted')
    const report = await judge(rewrite(markedAlone), { at, crls: lists })
    expect(report.verdict).toBe('refused')
    expect(seal(report)).toMatchObject({ laterChanges: 'permitted', subIndication: 'REVOKED_NO_POE' })
  })
})

describe('a genuine archive', () => {
  it('keeps its level when an update names none of its answers any more', async () => {
    const report = await judge(withAnswersOf(await archived(), () => []))
    expect(report.verdict).toBe('accepted')
    expect(seal(report)).toMatchObject({ level: 'B-LTA', laterChanges: 'permitted' })
  })

  it('is undecided where more is appended than is read, unless what was gathered is certain', async () => {
    const at = day('2022-03-05')
    const crowded = withAnswersOf(await archived(), (all, free) => [...all, ...namesOf(junk(257)(free))], junk(257))
    const alone = await judge(crowded)
    expect(alone.verdict).toBe('undecided')
    expect(codesOf(alone)).toContain('EVIDENCE_UNREAD')
    const crls = await Promise.all((['root', 'ca', 'tsaCa'] as const).map((name) => crlAt(name, later(-60, at))))
    const online = await judge(crowded, { at, crls })
    expect(online.verdict).toBe('accepted')
    expect(codesOf(online)).toContain('EVIDENCE_UNREAD')
  })

  it('is read whole after thirty renewals', async () => {
    let pdf = await archived()
    for (let i = 0; i < 30; i++) {
      const ocsps = [await answerOf('seal', later(20 + 10 * i)), await answerOf('tsa', later(20 + 10 * i))]
      pdf = appendValidationData(pdf, { certificates: [], crls: [], ocsps })
      pdf = stampDocument(pdf, { by: pki.get('tsa'), at: later(25 + 10 * i) })
    }
    const report = await judge(pdf)
    expect(report.verdict).toBe('accepted')
    expect(codesOf(report)).not.toContain('EVIDENCE_UNREAD')
    expect(seal(report)).toMatchObject({ level: 'B-LTA' })
  })
})
