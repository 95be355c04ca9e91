import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { LicenceData } from '../../licence-format/index.ts'
import { checkBody } from '../../verifier/checks/body.ts'
import { LICENCE } from '../licence-format/sample.ts'

const uploaded = new TextEncoder().encode('%PDF-1.7 as it was handed in')
const sealed = new Uint8Array([...uploaded, 1, 2, 3])
const data: LicenceData = {
  ...LICENCE,
  body: {
    ...{ digest: createHash('sha256').update(uploaded).digest('hex'), bytes: uploaded.length, pages: 1 },
    ...{ qr: { page: 0, x: 20, y: 20, size: 30 }, seal: { page: 0, x: 150, y: 50 } },
  },
}
const check = async (bytes: Uint8Array, of: LicenceData | null = data) =>
  (await checkBody(bytes, of, () => [])).map(({ code, outcome }) => `${code} ${outcome}`)

describe('checkBody', () => {
  it('finds the uploaded document at the beginning of the sealed one', async () => {
    expect(await check(sealed)).toEqual(['BODY_AS_UPLOADED passed'])
  })

  it('fails where any octet of it is another, where it is cut, and where nothing follows it', async () => {
    for (const at of [0, 10, uploaded.length - 1]) {
      const changed = sealed.slice()
      changed[at]! ^= 1
      expect(await check(changed)).toEqual(['BODY_DIFFERS failed'])
    }
    expect(await check(uploaded)).toEqual(['BODY_DIFFERS failed'])
    expect(await check(sealed.subarray(1))).toEqual(['BODY_DIFFERS failed'])
  })

  it('asks nothing of licences that were drawn', async () => {
    expect(await check(sealed, LICENCE)).toEqual([])
    expect(await check(sealed, null)).toEqual([])
  })
})
