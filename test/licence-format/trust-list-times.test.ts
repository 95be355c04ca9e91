import { describe, expect, it } from 'vitest'
import { type TrustList, trustListPayload } from '../../licence-format/index.ts'
import { throwsWithCode } from '../support/throws-with-code.ts'

describe('the claims of a trust list', () => {
  const at = new Date('2026-11-21T08:00:00Z')
  const list: TrustList = {
    ...{ sequenceNumber: 1, operator: { zh: '甲', en: 'A' }, scheme: { zh: '乙', en: 'B' }, entities: [] },
    ...{ issuedAt: at, nextUpdate: at },
  }

  it.each(['-000001-12-31T10:00:00Z', '0000-12-31T23:59:59Z', '+010000-01-01T00:00:00Z', 'no time'])(
    'are not written with a time that their reader would refuse: %s',
    (text) => {
      expect(() => trustListPayload(list)).not.toThrow()
      throwsWithCode(() => trustListPayload({ ...list, nextUpdate: new Date(text) }), 'TRUST_LIST_MALFORMED')
    },
  )
})
