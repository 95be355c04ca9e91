// Many time stamps beside many large certificates: each stamp looks for its authority among all of them.
import { describe, expect, it } from 'vitest'
import { appendValidationData } from '../../pades/write/index.ts'
import { NO_EVIDENCE, verifyDocument } from '../../verifier/index.ts'
import { sealAt } from '../fixtures/levels.ts'
import { forge, generalName, subjectAltName } from '../support/forge-pki.ts'
import { NOW, page, pki, policy } from '../verifier/world.ts'

/** In time of the processor; some two seconds are what reading so much once takes. */
const BUDGET_MS = 7_000
const STAMPED = 40

describe('a document with time stamps and large certificates', () => {
  it('has each certificate read once, not for every stamp', { timeout: 60_000 }, async () => {
    const key = pki.get('stranger').key
    const names = subjectAltName(...Array.from({ length: 12_000 }, () => generalName.dns('a')))
    const large = await Promise.all(
      Array.from({ length: 250 }, async (_, i) => (await forge({ name: `Large ${i}`, key, extensions: [names] })).der),
    )
    let pdf = await page()
    const stamp = { by: pki.get('tsa'), at: NOW }
    for (let i = 0; i < STAMPED; i++)
      pdf = sealAt(pdf, pki.get('stranger'), { field: `Seal${i}`, signedAt: NOW }, [stamp])
    const bytes = appendValidationData(pdf, { certificates: large, ocsps: [], crls: [] })
    const started = process.cpuUsage()
    const report = await verifyDocument({ name: 'a.pdf', bytes }, NO_EVIDENCE, policy, NOW)
    const { user, system } = process.cpuUsage(started)
    expect(report.signatures).toHaveLength(STAMPED)
    expect(report.verdict).toBe('undecided')
    expect((user + system) / 1000).toBeLessThan(BUDGET_MS)
  })
})
