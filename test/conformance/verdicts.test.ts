import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { x509 } from '../../pki/index.ts'
import { toDssPolicy } from '../../tools/judges/dss-policy.ts'
import { defaultDemands, type SignatureReport } from '../../verifier/index.ts'
import { askDss, askPyhanko, javaJudges, type Question, readDssPolicy, type Verdict } from '../support/judges.ts'
import { isMissing, judgesPython } from '../support/tools.ts'
import { crlsAt, judge, later, pki, seal } from '../verifier/past.ts'
import { cases as allCases, differences, fewNames } from './verdict-cases.ts'

// The same documents before our verifier, EU DSS with our policy, and pyHanko: the same main indication, and with EU DSS the same
// sub-indication, but for what is argued. TEST_LONG=1 asks about every case.

const cases = process.env['TEST_LONG'] ? allCases : allCases.filter(({ name }) => fewNames.includes(name))
const folder = mkdtempSync(join(tmpdir(), 'zhengyin-verdicts-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const ours: SignatureReport[] = []
const questions: Question[] = []

beforeAll(async () => {
  for (const [index, { make, at, lists, root }] of cases.entries()) {
    const bytes = await make()
    const anchor = pki.get(root).certificate
    const crls = lists ? await crlsAt(later(-60, at)) : []
    ours.push(seal(await judge(bytes, { at, crls, demands: { trustAnchors: [anchor] } })))
    const trust = join(folder, `trust-${index}`)
    mkdirSync(trust)
    writeFileSync(join(trust, 'root.pem'), x509.encodePem(anchor))
    for (const [n, crl] of crls.entries()) writeFileSync(join(trust, `${n}.crl`), crl)
    const file = join(folder, `${index}.pdf`)
    writeFileSync(file, bytes)
    questions.push({ file, trust, at })
  }
}, 300_000)

const titleOf = (name: string, says: unknown): string =>
  says === undefined ? name : `${name}: another answer, since ${differences[name]!.why}`

it('knows every case for which it argues', () => {
  const names = allCases.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  expect(names).toEqual(expect.arrayContaining([...Object.keys(differences), ...fewNames]))
})

describe.skipIf(isMissing(...javaJudges))('EU DSS with our policy and our verifier agree on a seal', () => {
  let verdicts: Verdict[]
  beforeAll(() => {
    const policy = join(folder, 'policy.xml')
    writeFileSync(policy, toDssPolicy(readDssPolicy(), defaultDemands))
    verdicts = askDss(questions, policy)
  }, 300_000)

  for (const [index, { name }] of cases.entries()) {
    const says = differences[name]?.dss
    it(titleOf(name, says), () => {
      const [signature] = verdicts[index]!.signatures
      const theirs = signature ? [signature.indication, signature.subIndication] : null
      const { indication, subIndication } = ours[index]!
      const same = [indication.replace('-', '_'), subIndication]
      expect(theirs).toEqual(says === undefined ? same : says)
      if (says !== undefined) expect(theirs).not.toEqual(same)
    })
  }
})

describe.skipIf(isMissing(judgesPython))('pyHanko and our verifier agree on a seal', () => {
  const asked = cases.filter(({ name }) => differences[name]?.pyhanko !== null)
  let verdicts: Map<string, Verdict>
  beforeAll(() => {
    const answers = askPyhanko(asked.map((one) => questions[cases.indexOf(one)]!))
    verdicts = new Map(asked.map(({ name }, index) => [name, answers[index]!]))
  }, 300_000)

  for (const { name } of asked) {
    const says = differences[name]?.pyhanko
    it(titleOf(name, says), () => {
      const { indication, docMdpOk } = verdicts.get(name)!.signatures[0]!
      // What came after the signature it tells beside its indication.
      const theirs = indication === 'PASSED' && docMdpOk === false ? 'INDETERMINATE' : indication
      const same = ours[cases.findIndex((one) => one.name === name)]!.indication.replace('TOTAL-', '')
      expect(theirs).toBe(says ?? same)
      if (says !== undefined) expect(theirs).not.toBe(same)
    })
  }
})
