import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readTrustFolder, writeTrustFolder } from '../../bin/trust-folder.ts'
import { anchorsByPurpose } from '../../verifier/index.ts'
import { createTestPki } from '../fixtures/pki.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

describe('the trust folder', () => {
  const folder = temporaryFolder()

  it('drops what it wrote before and is no longer in it, and leaves the files of others alone', async () => {
    const pki = await createTestPki({ root: {}, other: {} })
    const material = { crls: await pki.crls(), trustList: null, statusLists: new Map<string, string>() }
    const roots = [pki.get('root').certificate, pki.get('other').certificate]
    await writeTrustFolder(folder, { ...material, anchors: roots })
    writeFileSync(join(folder, 'city-root.pem'), 'somebody else’s')
    await writeTrustFolder(folder, { ...material, anchors: roots.slice(0, 1) })
    expect(
      readdirSync(folder)
        .filter((name) => name.endsWith('.pem'))
        .sort(),
    ).toEqual(['city-root.pem', 'root-1.pem'])
    expect((await readTrustFolder(folder)).anchors).toEqual(roots.slice(0, 1))
  })

  it('tells roots that stand above everything from those above seals or time stamps alone', async () => {
    const pki = await createTestPki({ own: {}, seals: {}, stamps: {} })
    const [own, seals, stamps] = (['own', 'seals', 'stamps'] as const).map((name) => pki.get(name).certificate)
    const rest = { crls: [], trustList: null, statusLists: new Map<string, string>() }
    const roots = { anchors: [own!], sealAnchors: [seals!], stampAnchors: [stamps!] }
    const separate = join(folder, 'separate')
    await writeTrustFolder(separate, { ...rest, ...roots })
    expect(readdirSync(separate).sort()).toEqual(['root-1.pem', 'seal-root-1.pem', 'stamp-root-1.pem'])
    const read = await readTrustFolder(separate)
    expect(read).toMatchObject(roots)
    expect(anchorsByPurpose(read)).toEqual({
      trustAnchors: [own, seals],
      listAnchors: [own],
      timeStampAnchors: [own, stamps],
    })
    await writeTrustFolder(separate, { ...rest, anchors: [own!] })
    expect(readdirSync(separate)).toEqual(['root-1.pem'])
  })

  it('takes a damaged status list for none, and a missing folder for empty', async () => {
    writeFileSync(join(folder, 'status-list-0.jwt'), 'no list')
    expect((await readTrustFolder(folder)).statusLists.size).toBe(0)
    expect(await readTrustFolder(join(folder, 'missing'))).toMatchObject({ anchors: [], crls: [], trustList: null })
  })
})
