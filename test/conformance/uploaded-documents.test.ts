// Uploaded documents with one seal at many places, over the edges of their pages and beside others, under judges that we did not write.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Caller, SealService } from '../../seal-service/index.ts'
import { NO_EVIDENCE, verifyDocument } from '../../verifier/index.ts'
import { makePdf } from '../pades/documents.ts'
import { onePage } from '../pades/raw-pdf.ts'
import { createSealWorld, market, type SealWorld } from '../seal-service/world.ts'
import { engines } from '../support/engines.ts'
import { askDss, askPyhanko, javaJudges, type Question, writeTrust } from '../support/judges.ts'
import { isMissing, judgesPython, run } from '../support/tools.ts'

const folder = mkdtempSync(join(tmpdir(), 'zhengyin-uploaded-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const user: Caller = { id: 'user-1', kind: 'person', departmentCode: market.code, roles: ['seal-user'] }
type Terms = Parameters<SealService['documents']['seal']>[1]['terms']
const text = 'BT /F1 12 Tf 72 720 Td (Notice, to be sealed here) Tj ET'

let world: SealWorld
let sealed: { readonly name: string; readonly pdf: Uint8Array }[]
let questions: Question[]

beforeAll(async () => {
  world = await createSealWorld(await engines[0]!.open())
  await world.database.query(
    `insert into seal.authorisations (seal_id, grantee_kind, grantee, purposes, runs_from, needs_second_person, granted_at, granted_by)
     values ($1, 'account', 'user-1', array['documents'], $2, false, $2, 'test')`,
    [world.seal.id, new Date('2026-01-01T00:00:00Z')],
  )
  const seal = async (pdf: Uint8Array, terms: Partial<Terms>): Promise<Uint8Array> => {
    const upload = {
      sealId: world.seal.id,
      terms: {
        places: [{ at: 'point', page: 1, x: 100, y: 60 }],
        level: 'B-LT',
        templateCode: null,
        keep: false,
        ...terms,
      } as Terms,
      documents: [{ name: 'a.pdf', pdf }],
      key: `${Math.trunc(performance.now() * 1000)}`,
      requestDigest: new Uint8Array(32),
    }
    const { pdf: result, document } = await world.seals.documents.seal(user, upload)
    expect(document).toMatchObject({ level: 'B-LT', shortfall: null })
    return result
  }
  const straddle = { at: 'edge', edge: 'right' } as const
  const once = await seal(await makePdf({ pages: 2 }), { certification: 'none' })
  const open = await seal(await makePdf({ pages: 2 }), {
    certification: 'open',
    fields: [{ name: 'Signer', page: 2, x: 30, y: 30, width: 50, height: 50 }],
  })
  sealed = [
    {
      name: 'over five pages',
      pdf: await seal(await makePdf({ pages: 5 }), { places: [{ at: 'point', page: -1, x: 150, y: 60 }, straddle] }),
    },
    {
      name: 'over twenty-five pages in groups',
      pdf: await seal(await makePdf({ pages: 25, objectStreams: true }), { places: [straddle] }),
    },
    {
      name: 'at a text of a turned page',
      pdf: await seal(onePage(text, { page: '/Rotate 90' }), {
        places: [{ at: 'text', text: 'sealed', occurrence: 'first', up: -30, right: -30 }],
      }),
    },
    {
      name: 'at three places of one page',
      pdf: await seal(onePage(text), {
        places: [40, 90, 150].map((x) => ({ at: 'point' as const, page: 1, x, y: 200 })),
      }),
    },
    {
      name: 'beside another, none certifying',
      pdf: await seal(once, { places: [{ at: 'point', page: 2, x: 60, y: 60 }] }),
    },
    { name: 'in a field that was prepared', pdf: await seal(open, { field: 'Signer', places: [] }) },
  ]
  mkdirSync(join(folder, 'trust'))
  writeTrust(join(folder, 'trust'), world.pki.pki.anchors(), await world.pki.pki.crls())
  questions = sealed.map(({ pdf }, index) => {
    const file = join(folder, `${index}.pdf`)
    writeFileSync(file, pdf)
    return { file, trust: join(folder, 'trust'), at: new Date('2026-11-21T09:00:00Z') }
  })
}, 120_000)
afterAll(() => world.close())

const expected = (value: unknown) => sealed.map(({ name }) => [name, value])

describe('our verifier', () => {
  it('accepts every uploaded document', async () => {
    const policy = { trustAnchors: world.pki.pki.anchors() }
    for (const { name, pdf } of sealed) {
      const evidence = { ...NO_EVIDENCE, crls: await world.pki.pki.crls() }
      const report = await verifyDocument(
        { name: 'a.pdf', bytes: pdf },
        evidence,
        policy,
        new Date('2026-11-21T09:00:00Z'),
      )
      expect(report, name).toMatchObject({
        verdict: 'accepted',
        indication: 'TOTAL-PASSED',
        documentChangedAfterSeal: false,
      })
    }
  })
})

describe.skipIf(isMissing('qpdf', 'pdfsig', 'mutool'))('qpdf, mutool and poppler', () => {
  it('find every uploaded document sound and its signatures valid', () => {
    for (const { file } of questions) {
      expect(run('qpdf', ['--check', file]).stdout).toContain('No syntax or stream encoding errors')
      expect(run('mutool', ['draw', '-q', '-r', '20', '-o', join(folder, 'page-%d.png'), file]).output).not.toMatch(
        /error/i,
      )
      const { stdout } = run('pdfsig', ['-nocert', file])
      expect(stdout).toContain('Signature is Valid')
      expect(stdout).not.toMatch(/Invalid|Digest Mismatch/)
    }
  })
})

describe.skipIf(isMissing(judgesPython))('pyHanko', () => {
  it('passes every signature', () => {
    const verdicts = askPyhanko(questions)
    expect(
      sealed.map(({ name }, index) => [name, [...new Set(verdicts[index]!.signatures.map((one) => one.indication))]]),
    ).toEqual(expected(['PASSED']))
  })
})

describe.skipIf(isMissing(...javaJudges))('EU DSS', () => {
  it('passes every signature at its level, without a warning of changes', () => {
    const verdicts = askDss(questions)
    const outcomes = verdicts.map(({ signatures }) => [
      ...new Set(signatures.map((one) => `${one.indication} ${one.level}`)),
    ])
    expect(sealed.map(({ name }, index) => [name, outcomes[index]])).toEqual(
      expected(['TOTAL_PASSED PAdES-BASELINE-LT']),
    )
  }, 120_000)
})
