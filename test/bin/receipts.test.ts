// In whose name a house signs receipts: what its list CA certifies, else what the operator says.
import { describe, expect, it } from 'vitest'
import { createHouseReceipts, type HouseReceiptsOptions } from '../../bin/receipts.ts'
import { createTestPki } from '../fixtures/pki.ts'
import { testClock } from '../support/clock.ts'
import { testLog } from '../support/log.ts'
import { toThrowWithCode } from '../support/to-throw-with-code.ts'

const CODE = '11330199MB3301400C'
const pki = await createTestPki({ root: {}, lists: { under: 'root' } })
const listCa = pki.get('lists').certificate

const make = (change: Partial<HouseReceiptsOptions> = {}) =>
  createHouseReceipts({
    keyStore: {} as HouseReceiptsOptions['keyStore'],
    pki: {
      certificates: () => new Map([['list-ca', listCa]]),
      offers: () => true,
    } as unknown as HouseReceiptsOptions['pki'],
    timestamper: { maxTokenLength: async () => 8192, stamp: () => Promise.reject(new Error('nobody stamps')) },
    isProduction: true,
    clock: testClock(new Date('2026-11-21T08:00:00Z')),
    log: testLog().log,
    ...change,
  })

describe('createHouseReceipts', () => {
  it('signs none in production where nobody says by which code the house is known', () => {
    expect(make()).toBeUndefined()
  })

  it('signs in the name of OPERATOR_CODE where the list CA names no code', () => {
    expect(make({ operatorCode: CODE, operatorName: '云汀市数据局' })).toBeDefined()
  })

  it('refuses a code that is none, and a code without any name', async () => {
    await toThrowWithCode(() => make({ operatorCode: '11330199MB3301400D', operatorName: 'x' }), 'OPERATOR_INVALID')
    const nameless = { certificates: () => new Map(), offers: () => true } as unknown as HouseReceiptsOptions['pki']
    await toThrowWithCode(() => make({ operatorCode: CODE, pki: nameless }), 'OPERATOR_INVALID')
  })
})
