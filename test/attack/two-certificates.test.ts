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

  it('is revoked with every certificate of its key where that was stolen, and with one alone where not', async () => {
    const { pdf, withEnded } = await documents(at('2023-03-01', '08:00:00'), at('2023-03-02'))
    const stolen = await listOf(root, entry(renewed, theft))
    const refused = { verdict: 'refused', subIndication: 'REVOKED_CA_NO_POE' }
    expect(await judgeToday(pdf, [stolen])).toMatchObject(refused)
    expect(await judgeToday(withEnded, [stolen])).toMatchObject(refused)
    const superseded = await listOf(root, entry(renewed, theft, 4))
    expect(await judgeToday(withEnded, [superseded])).toMatchObject({ verdict: 'accepted', level: 'B-LTA' })
  })

  it('vouches after the theft for what is proven to be older', async () => {
    const { withEnded } = await documents(at('2023-03-01', '08:00:00'), at('2023-03-02'))
    const later = await listOf(root, entry(renewed, at('2023-12-01')))
    expect(await judgeToday(withEnded, [later])).toMatchObject({ verdict: 'accepted', level: 'B-LTA' })
  })
})

describe('a seal that was renewed with its key', () => {
  it('is revoked with the certificate of the same key on the list, once anybody has that at hand', async () => {
    const ofSeal = makeTestKey()
    const former = await makeSeal(renewed, { key: ofSeal })
    const next = await makeSeal(renewed, { key: ofSeal })
    const sealed = at('2023-03-01', '08:00:00')
    const just = secondsAfter(sealed, 2)
    const ocsps = [await good(next, renewed, just), await good(renewed, root, just), await stampGood(just)]
    const more = [entity(former, renewed, root)]
    const pdf = await sealedAt(sealed, [next, renewed, root], { ocsps, more })
    expect(await judgeToday(pdf)).toMatchObject({ verdict: 'accepted' })
    const list = await listOf(renewed, entry(former, theft))
    expect(await judgeToday(pdf, [list])).toMatchObject({ verdict: 'refused', subIndication: 'REVOKED_NO_POE' })
  })
})
