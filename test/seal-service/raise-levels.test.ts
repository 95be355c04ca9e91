import { describe, expect, it } from 'vitest'
import type { Workshop } from '../../seal-service/dependencies.ts'
import { appendAnswers } from '../../seal-service/operations/raise-levels.ts'
import { forge, forgeCa } from '../support/forge-pki.ts'

describe('appendAnswers', () => {
  it('asks about a new key of an authority that its old one certified, and not about a root', async () => {
    const root = await forgeCa({ name: 'Authority' })
    const renewed = await forgeCa({ name: 'Authority', issuer: root })
    const seal = await forge({ name: 'Seal', issuer: renewed })
    let asked: readonly Uint8Array[] = []
    const revocation: Workshop['revocation'] = {
      async answers(certificates) {
        asked = certificates
        throw new Error('nobody answers')
      },
    }
    const shop = { revocation, outside: { anchors: () => [] } }
    const known = { certificates: [seal.der, renewed.der, root.der], stampedBy: new Date() }
    const appending = appendAnswers(shop, [{ pdf: new Uint8Array(0), known }])
    await expect(appending).rejects.toThrowError('nobody answers')
    expect(asked).toEqual([seal.der, renewed.der])
  })
})
