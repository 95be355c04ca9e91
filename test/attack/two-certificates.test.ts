// One key of a CA with two certificates: one that has ended, and its renewal, which the list calls revoked.
import { describe, expect, it } from 'vitest'
import { addData, stampDocument } from '../fixtures/levels.ts'
import { makeTestKey } from '../fixtures/pki.ts'
import { forgeCa } from '../support/forge-pki.ts'
import {
  at,
  authority,
  entity,
  entry,
  forYears,
  good,
  judgeToday,
  listOf,
  makeSeal,
  root,
  sealedAt,
  secondsAfter,
  stampGood,
} from '../verifier/forged-past.ts'

const key = makeTestKey()
const ended = await forgeCa({ name: 'CA', issuer: root, key, ...forYears, notAfter: at('2024-01-01') })
const renewed = await forgeCa({ name: 'CA', issuer: root, key, ...forYears })
const seal = await makeSeal(renewed)
const theft = at('2022-06-01')

/** Sealed over the renewal, archived; then anybody adds the ended certificate and an answer of the time. */
async function documents(sealed: Date, archived: Date) {
  const just = secondsAfter(sealed, 2)
  const ocsps = [await good(seal, renewed, just), await good(renewed, root, just), await stampGood(just)]
  const pdf = stampDocument(await sealedAt(sealed, [seal, renewed, root], { ocsps }), { by: authority, at: archived })
  const more = { entities: [entity(ended, root)], ocsps: [await good(ended, root, just)] }
  return { pdf, withEnded: addData(pdf, more) }
}

describe('a CA that is on the list with its living certificate', () => {
  it('stays revoked when the path over its ended certificate holds but is proven too late', async () => {
    const { pdf, withEnded } = await documents(at('2023-12-31', '23:00:00'), at('2024-01-02'))
    const list = await listOf(root, entry(renewed, theft))
    const refused = { verdict: 'refused', subIndication: 'REVOKED_CA_NO_POE' }
    expect(await judgeToday(pdf, [list])).toMatchObject(refused)
    expect(await judgeToday(withEnded, [list])).toMatchObject(refused)
  })

  it('loses nothing by its ended certificate where it is not on the list, or since the archive stamp alone', async () => {
    const { withEnded } = await documents(at('2023-12-31', '23:00:00'), at('2024-01-02'))
    const passed = { verdict: 'accepted', level: 'B-LTA' }
    expect(await judgeToday(withEnded, [await listOf(root)])).toMatchObject(passed)
    expect(await judgeToday(withEnded, [await listOf(root, entry(renewed, at('2025-01-01')))])).toMatchObject(passed)
  })
})
