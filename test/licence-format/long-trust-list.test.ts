import { describe, expect, it } from 'vitest'
import type { TrustList } from '../../licence-format/index.ts'
import { readTrustListPayload, trustListPayload } from '../../licence-format/trust-list-json.ts'

const name = { zh: '云汀市民政局', en: 'Yunting Civil Affairs Bureau' }

describe('a trust list', () => {
  it('reads back a seal that was suspended and restored every day for a year', () => {
    const states = Array.from({ length: 731 }, (_, half) => ({
      state: half % 2 === 0 ? ('granted' as const) : ('withdrawn' as const),
      since: new Date(Date.UTC(2026, 0, 1) + half * 43_200_000),
    }))
    const place = { locality: '云汀市', postalCode: '000000', website: 'https://licence.example.test' }
    const services = [{ kind: 'seal' as const, certificate: Uint8Array.of(1, 2, 3), states }]
    const list: TrustList = {
      ...{ sequenceNumber: 1, operator: name, scheme: name },
      ...{ issuedAt: new Date('2027-01-02T00:00:00Z'), nextUpdate: new Date('2027-01-09T00:00:00Z') },
      entities: [{ code: '11330199MB0000002X', name, ...place, services, entitlements: [], addresses: null }],
    }
    expect(readTrustListPayload(JSON.parse(JSON.stringify(trustListPayload(list))))).toEqual(list)
  })
})
