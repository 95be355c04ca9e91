import { describe, expect, it } from 'vitest'
import { x509 } from '../../pki/index.ts'
import { testTimes } from '../fixtures/pki.ts'
import { type Forged, forge, forgeCa, forgeCrl } from '../support/forge-pki.ts'

// CAs under the same root that have nothing to do with the one whose certificates they would like to speak about.

describe('lists about the certificates of another CA', async () => {
  const root = await forgeCa({ name: 'Root' })
  const ca = await forgeCa({ name: 'CA', issuer: root })
  const leaf = await forge({ name: 'Leaf', issuer: ca })
  const neighbour = await forgeCa({ name: 'Neighbour', issuer: root })
  const rootList = await forgeCrl({ issuer: root })

  const ask = async (signer: Forged, ...others: Forged[]) =>
    x509.validatePath({
      leaf: leaf.der,
      intermediates: [ca, signer, ...others].map(({ der }) => der),
      anchors: [root.der],
      at: testTimes.now,
      crls: [rootList, ...(await Promise.all([signer, ...others].map((issuer) => forgeCrl({ issuer }))))],
    })

  it('do not count from a namesake that certified itself, below a neighbour', async () => {
    const namesake = await forgeCa({ name: 'CA', issuer: neighbour })
    const own = await forgeCa({ name: 'CA', issuer: namesake })
    expect(await ask(own, namesake, neighbour)).toMatchObject({ valid: false, reason: 'REVOCATION_UNKNOWN' })
  })

  it('do not count from a namesake below a namesake of the root', async () => {
    const falseRoot = await forgeCa({ name: 'Root', issuer: neighbour })
    const namesake = await forgeCa({ name: 'CA', issuer: falseRoot })
    expect(await ask(namesake, falseRoot, neighbour)).toMatchObject({ valid: false, reason: 'REVOCATION_UNKNOWN' })
  })

  it('count from a key that the certifier of the CA certified too', async () => {
    expect(await ask(await forgeCa({ name: 'CA', issuer: root }))).toMatchObject({ valid: true })
  })
})
