import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { writeTrustFolder } from '../../bin/trust-folder.ts'
import { ca } from '../../pki/index.ts'
import { writeBundle } from '../../verifier/bundle/index.ts'
import { NO_EVIDENCE, parsePolicy, verifyDocument } from '../../verifier/index.ts'
import { sealAt } from '../fixtures/levels.ts'
import { run } from '../support/tools.ts'
import { page, pki, trustList } from '../verifier/world.ts'

const folder = mkdtempSync(join(tmpdir(), 'zhengyin-replay-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('zhengyin replay --trust', () => {
  it('does not take over a verdict dated back to before a revocation that a list of the folder tells of', async () => {
    const at = new Date('2026-05-15T00:00:00Z')
    const dayBefore = new Date('2026-05-14T00:00:00Z')
    const bytes = sealAt(await page(), pki.get('sealRevoked'), { field: 'Seal1', signedAt: dayBefore, docMdp: 1 })
    const crls = await Promise.all(
      (['root', 'ca'] as const).map((name) => {
        const { certificate, key } = pki.get(name)
        const nextUpdate = new Date('2026-05-21T00:00:00Z')
        return ca.issueCrl({
          issuer: { certificate },
          key,
          crlNumber: 1,
          thisUpdate: dayBefore,
          nextUpdate,
          entries: [],
        })
      }),
    )
    const evidence = { ...NO_EVIDENCE, crls, trustList: await trustList({ issuedAt: dayBefore }) }
    const root = [pki.get('root').certificate]
    const demands = parsePolicy(readFileSync('docs/policies/default.json', 'utf8'))
    const policy = { ...demands, trustAnchors: root, listAnchors: root, timeStampAnchors: root }
    const subject = { kind: 'document', name: 'a.pdf', bytes } as const
    const report = await verifyDocument(subject, evidence, policy, at)
    const bundle = join(folder, 'evidence.json')
    writeFileSync(bundle, await writeBundle({ subject, evidence, policy, at, report }))
    const trust = join(folder, 'trust')
    const lists = { crls: await pki.crls(), trustList: null, statusLists: new Map() }
    await writeTrustFolder(trust, { anchors: root, ...lists })
    const { status, stdout } = run(process.execPath, ['bin/zhengyin.ts', 'replay', bundle, '--trust', trust, '--json'])
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: 'accepted',
      replay: { same: true, isTrusted: false, doubts: expect.arrayContaining(['TIME']) },
    })
    expect(status).toBe(1)
    const told = run(process.execPath, ['bin/zhengyin.ts', 'replay', bundle, '--trust', trust])
    expect(told.stdout).toContain('nothing shows the time of the verdict')
  })
})
