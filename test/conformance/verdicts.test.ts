import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { x509 } from '../../pki/index.ts'
import { askDss, javaJudges, type Verdict } from '../support/judges.ts'
import { isMissing } from '../support/tools.ts'
import {
  archived,
  crlsAt,
  day,
  judge,
  later,
  NOW,
  pki,
  type Story,
  seal,
  sealed,
  withAnswers,
} from '../verifier/past.ts'

// Seals, stamps and authorities that ended, before our verifier and EU DSS: the same main indication, but for what is argued here.

interface Case {
  readonly name: string
  readonly make: () => Uint8Array | Promise<Uint8Array>
  readonly at: Date
  /** CRLs of that day from outside. */
  readonly lists: boolean
  /** Why the two differ. */
  readonly differs?: string
}

const revoked = { by: 'sealRevoked' } as const
const afterRevocation = day('2023-02-01')
const hour = later(3600)
const of = (name: string, make: Case['make'], at: Date, lists: boolean, differs?: string): Case => ({
  name,
  make,
  at,
  lists,
  ...(differs === undefined ? {} : { differs }),
})
const stamped = (stamp: NonNullable<Story['stamp']> | null) => () => sealed({ stamp })

const cases: readonly Case[] = [
  of('valid at B-B', stamped(null), hour, true),
  of('valid at B-T', stamped({}), hour, true),
  of('valid at B-LT', () => withAnswers(), hour, false),
  of('valid at B-LTA', () => archived(), hour, true),
  of('expired at B-B', stamped(null), NOW, true),
  of('expired at B-T', stamped({}), NOW, false),
  of('expired at B-LT', () => withAnswers(), NOW, false),
  of('expired at B-LTA', () => archived(), NOW, false),
  of('revoked at B-B', () => sealed({ ...revoked, stamp: null }), afterRevocation, true),
  of('revoked after its stamp, B-T', () => sealed(revoked), afterRevocation, true),
  of('revoked after its stamp, B-LT', () => withAnswers(revoked), afterRevocation, true),
  of('revoked before its stamp', () => sealed({ ...revoked, stamp: { at: day('2023-01-15') } }), afterRevocation, true),
  of('stamped before its certificate', stamped({ at: day('2020-12-31'), by: 'tsaEarly' }), later(60), true),
  of('with a stamp over something else', stamped({ over: new Uint8Array(3) }), hour, true),
  of('with a stamp of an unknown authority', stamped({ by: 'otherTsa' }), hour, true),
  of('with that, expired', stamped({ by: 'otherTsa' }), NOW, false),
  of('with a stamp of a revoked authority', () => withAnswers({ stamp: { by: 'tsaRevoked' } }), afterRevocation, true),
  of('with that, archived before', () => archived({ stamp: { by: 'tsaRevoked' } }), afterRevocation, true),
  of('with a stamp of an expired authority', () => withAnswers({ stamp: { by: 'tsaShort' } }), NOW, false),
  of('with that, archived before', () => archived({ stamp: { by: 'tsaShort' } }), NOW, false),
  of('of a CA revoked since, archived before', () => archived({ by: 'sealOfRevokedCa' }), afterRevocation, true),
  of('without answers', () => withAnswers({ answersFor: [] }), hour, false),
  of(
    'of a CA revoked since',
    () => withAnswers({ by: 'sealOfRevokedCa' }),
    afterRevocation,
    true,
    'EU DSS takes certificate and answers of a CA that lost its key for older than the loss; nothing proves that (§5.6.2.2)',
  ),
  of(
    'with answers older than the stamp',
    () => withAnswers({ answeredAt: later(-60) }),
    hour,
    false,
    'our policy asks for younger ones (§5.2.5.4); EU DSS’s own does not',
  ),
  of(
    'with an archive stamp older than the stamp inside',
    () => archived({ archived: [{ at: later(-3600) }] }),
    hour,
    true,
    'EU DSS only warns of the order of stamps; ours is TIMESTAMP_ORDER_FAILURE (§5.5.4)',
  ),
]

const folder = mkdtempSync(join(tmpdir(), 'zhengyin-verdicts-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.skipIf(isMissing(...javaJudges))('EU DSS and our verifier agree on a seal that is', () => {
  let documents: Uint8Array[]
  let verdicts: Verdict[]
  beforeAll(async () => {
    documents = await Promise.all(cases.map(({ make }) => make()))
    const questions = await Promise.all(
      cases.map(async ({ at, lists }, index) => {
        const trust = join(folder, `trust-${index}`)
        mkdirSync(trust)
        writeFileSync(join(trust, 'root.pem'), x509.encodePem(pki.get('root').certificate))
        for (const [n, crl] of (lists ? await crlsAt(later(-60, at)) : []).entries())
          writeFileSync(join(trust, `${n}.crl`), crl)
        const file = join(folder, `${index}.pdf`)
        writeFileSync(file, documents[index]!)
        return { file, trust, at }
      }),
    )
    verdicts = askDss(questions)
  }, 300_000)

  for (const [index, { name, at, lists, differs }] of cases.entries()) {
    it(`${index + 1}: ${name}${differs ? `, but ${differs}` : ''}`, async () => {
      const crls = lists ? await crlsAt(later(-60, at)) : []
      const ours = seal(await judge(documents[index]!, { at, crls })).indication
      const theirs = verdicts[index]!.signatures[0]!.indication.replace('_', '-')
      if (differs) expect([ours, theirs]).toEqual(['INDETERMINATE', 'TOTAL-PASSED'])
      else expect(ours).toBe(theirs)
    })
  }
})
