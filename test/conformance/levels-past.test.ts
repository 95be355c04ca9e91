// Licences that the whole house sealed years ago, with the seals of one department and of two, under judges that we did not write.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readSignedPdf } from '../../pades/read/index.ts'
import { x509 } from '../../pki/index.ts'
import { openTestDatabase } from '../support/database.ts'
import { askDss, askPyhanko, askVerapdf, javaJudges, type Question, type Verdict } from '../support/judges.ts'
import {
  businessLicence,
  clerk,
  departments,
  exampleOf,
  type House,
  openHouse,
  type TestClock,
} from '../support/service.ts'
import { isMissing, judgesPython } from '../support/tools.ts'

const folder = mkdtempSync(join(tmpdir(), 'zhengyin-past-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const levels = ['B-B', 'B-T', 'B-LT', 'B-LTA'] as const
const system = { id: 'system', kind: 'system', departmentCode: departments[0].code } as const
/** When the seals' certificates, which live five years, have ended. */
const afterEnd = new Date('2026-06-15T12:00:00Z')

function clockFrom(start: string): TestClock {
  let now = Date.parse(start)
  return {
    now: () => new Date(now),
    set: (instant) => {
      now = Date.parse(instant)
    },
    advance: (milliseconds) => {
      now += milliseconds
    },
  }
}

let house: House
const files = new Map<string, string>()

async function keep(name: string, identifier: string): Promise<void> {
  const file = join(folder, `${name.replaceAll(' ', '-')}.pdf`)
  writeFileSync(file, await house.licences.readDocument(clerk, identifier))
  files.set(name, file)
}

async function mint(name: string, level: string): Promise<string> {
  const [outcome] = await house.licences.issueLicences(clerk, [
    { key: name, typeCode: businessLicence, data: exampleOf(), level },
  ])
  if (!outcome?.ok) throw outcome?.error
  house.clock.advance(1000)
  await keep(name, outcome.licence.identifier)
  return outcome.licence.identifier
}

async function writeTrust(name: string, withLists: boolean): Promise<void> {
  mkdirSync(join(folder, name))
  for (const [index, der] of house.pki.anchors().entries()) {
    const text = Buffer.from(der).toString('base64').replace(/.{64}/g, '$&\n')
    writeFileSync(
      join(folder, name, `${index}.pem`),
      `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`,
    )
  }
  if (!withLists) return
  for (const [index, crl] of (await house.pki.crls()).entries()) writeFileSync(join(folder, name, `${index}.crl`), crl)
}

beforeAll(async () => {
  house = await openHouse(await openTestDatabase(), {}, clockFrom('2020-06-01T08:00:00Z'))
  await writeTrust('root', false)
  let archived = ''
  for (const level of levels) archived = await mint(`one seal ${level}`, level)
  const [own] = await house.seals.seals(departments[0].code)
  const [other] = await house.seals.seals(departments[1].code)
  await house.seals.grantSeal(
    { sealId: other!.id, departmentCode: departments[0].code, typeCode: businessLicence },
    'keeper',
  )
  await house.licences.assignTypes(system, [
    {
      typeCode: businessLicence,
      departmentCode: departments[0].code,
      sealId: own!.id,
      coSeals: [{ sealId: other!.id, offsetMm: { x: -55, y: 0 } }],
    },
  ])
  for (const level of levels) await mint(`two seals ${level}`, level)
  house.clock.set('2023-06-01T08:00:00Z')
  await house.pki.rotateSigners()
  await house.pki.refreshCrls()
  await house.pki.refreshAnswers()
  await house.database.query(`update licence.licences set archive_until = $1 where level = 'B-LTA'`, [
    house.clock.now(),
  ])
  expect(await house.licences.renewArchives()).toEqual({ done: 2, left: 0 })
  await keep('renewed B-LTA', archived)
  await house.pki.revokeCertificate(serialOfSeal(files.get('one seal B-LT')!), 'keyCompromise', house.clock.now())
  house.clock.advance(60_000)
  await house.pki.refreshCrls()
  await writeTrust('lists', true)
}, 300_000)
afterAll(() => house?.close())

/** The certificate in the document's store that is neither a CA's nor for a purpose of its own. */
function serialOfSeal(file: string): string {
  const pdf = readSignedPdf(new Uint8Array(readFileSync(file)))
  const certificates = pdf.ok ? (pdf.validationData()?.certificates ?? []) : []
  const seals = certificates
    .map((der) => x509.parseCertificate(der))
    .filter(({ basicConstraints, extKeyUsage }) => basicConstraints?.cA !== true && extKeyUsage === undefined)
  expect(seals).toHaveLength(1)
  return seals[0]!.serialNumberHex
}

const questions = (trust: string, at: Date): Question[] =>
  [...files.values()].map((file) => ({ file, trust: join(folder, trust), at }))
const outcome = (verdicts: readonly Verdict[]) =>
  Object.fromEntries(
    [...files.keys()].map((name, index) => [
      name,
      verdicts[index]!.signatures.map((s) => s.indication.replace('TOTAL_', '')),
    ]),
  )
/** A month after the first seal was revoked: without a time stamp nothing shows that it was older. */
const afterRevocation = new Date('2023-07-01T12:00:00Z')
const expectedOfRevoked = () =>
  Object.fromEntries(
    [...files.keys()].map((name) => {
      const first = name.endsWith('B-B') ? 'INDETERMINATE' : 'PASSED'
      return [name, seals(name) === 2 ? [first, 'PASSED'] : [first]]
    }),
  )
const seals = (name: string): number => (name.startsWith('two') ? 2 : 1)
const expected = () =>
  Object.fromEntries(
    [...files.keys()].map((name) => [
      name,
      Array.from({ length: seals(name) }, () => (/B-LT/.test(name) ? 'PASSED' : 'INDETERMINATE')),
    ]),
  )

describe.skipIf(isMissing(...javaJudges))('EU DSS, of licences whose seals have expired', () => {
  it('passes B-LT, B-LTA and what was renewed, and nothing below, with nothing known but the root', () => {
    const verdicts = askDss(questions('root', afterEnd))
    expect(outcome(verdicts)).toEqual(expected())
    for (const { file, signatures } of verdicts) {
      const level = /B-\w+(?=\.pdf)/.exec(file)![0]
      for (const signature of signatures) expect(signature.level, file).toBe(`PAdES-BASELINE-${level.slice(2)}`)
    }
  })
})

describe.skipIf(isMissing(...javaJudges))('EU DSS, of licences whose first seal was revoked since', () => {
  it("passes what a time stamp proves to be older, told of the revocation by today's lists", () => {
    expect(outcome(askDss(questions('lists', afterRevocation)))).toEqual(expectedOfRevoked())
  })
})

describe.skipIf(isMissing(judgesPython))('pyHanko', () => {
  it('agrees on seals that have expired', () => {
    expect(outcome(askPyhanko(questions('root', afterEnd)))).toEqual(expected())
  })

  it('agrees on a seal that was revoked', () => {
    expect(outcome(askPyhanko(questions('lists', afterRevocation)))).toEqual(expectedOfRevoked())
  })
})

describe.skipIf(isMissing(...javaJudges))('veraPDF', () => {
  it('passes two seals and a renewal as PDF/A-3b', () => {
    const chosen = ['two seals B-LTA', 'renewed B-LTA'].map((name) => files.get(name)!)
    expect(askVerapdf('3b', chosen).flatMap(({ failed }) => failed)).toEqual([])
  })
})
