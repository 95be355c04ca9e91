import { describe, expect, it } from 'vitest'
import { faultOfRootName } from '../../pki-service/index.ts'

describe('faultOfRootName', () => {
  it('takes names of people’s own, as long as a certificate and a rehearsal hold them', () => {
    expect(faultOfRootName('organisation', '云'.repeat(64))).toBeUndefined()
    expect(faultOfRootName('commonName', 'Y'.repeat(52))).toBeUndefined()
    expect(faultOfRootName('commonName', 'Latest Root CA')).toBeUndefined()
  })

  it('refuses the empty, the long and TEST before anybody types a passphrase', () => {
    expect(faultOfRootName('organisation', '')).toMatch(/1 to 64/)
    expect(faultOfRootName('organisation', '云'.repeat(65))).toMatch(/1 to 64/)
    expect(faultOfRootName('commonName', 'Y'.repeat(53))).toMatch(/1 to 52/)
    expect(faultOfRootName('commonName', 'City TEST Root')).toMatch(/TEST/)
  })
})
