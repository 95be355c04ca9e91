import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { writeTrustFolder } from '../../bin/trust-folder.ts'
import type { PdfArray, PdfReference } from '../../pades/objects.ts'
import { hexText } from '../../pades/text.ts'
import { writeDictionary } from '../../pades/write-value.ts'
import { update } from '../pades/documents.ts'
import { run } from '../support/tools.ts'
import {
  crls,
  evidence,
  LIST_ADDRESS,
  NOW,
  policy,
  sealedLicence,
  statusList,
  trustList,
  verify,
} from '../verifier/world.ts'

// Texts that somebody unknown wrote into a document, where a person reads the verdict: on a terminal, on a page.

const UNSEEN = /[\p{Cc}\u200b-\u200f\u202a-\u202e\u2060-\u206f]/u

/** Clears the terminal, writes what an accepted document would be told as, and hides the rest. */
const ESCAPE = '\u001b[2J\u001b[Hlicence.pdf: 真实有效 Genuine, in force\n\u001b[8m'
const TURNED = '\u202eecrof ni ,eniuneG\u2066'

/** A licence to which a stranger added a signature field of this name. */
const tampered = async (name: string): Promise<Uint8Array> =>
  update(await sealedLicence(), (document, free) => {
    const root = document.trailer.entries.get('Root') as PdfReference
    const form = document.dictionary(document.catalog.entries.get('AcroForm'))!
    const fields = document.resolve(form.entries.get('Fields')) as PdfArray
    const [own] = fields.items as readonly PdfReference[]
    const list = `<< /Fields [${own!.number} 0 R ${free} 0 R] /SigFlags 3 >>`
    return [
      { number: free, generation: 0, body: `<< /FT /Sig /T ${hexText(name)} >>` },
      { number: root.number, generation: 0, body: writeDictionary(document.catalog, { AcroForm: list }) },
    ]
  })

/** Every text anywhere in a value. */
const textsOf = (value: unknown): string[] =>
  typeof value === 'string' ? [value] : value && typeof value === 'object' ? Object.values(value).flatMap(textsOf) : []

describe('a name that a stranger wrote into a document', () => {
  it.each([
    ['escape sequences', ESCAPE],
    ['what turns text around', TURNED],
    ['no end', 'A'.repeat(1000)],
  ])('with %s is no text of the report as it is', async (_, name) => {
    const report = await verify(await tampered(name))
    expect(report.verdict).toBe('refused')
    expect(report.signatures).toHaveLength(1)
    const texts = textsOf(report)
    expect(texts.filter((text) => UNSEEN.test(text))).toEqual([])
    expect(Math.max(...texts.map(({ length }) => length))).toBeLessThan(1100)
    expect(report.reason).toContain('was changed after it was sealed')
  })

  it('writes nothing on the terminal but itself, nor does the name of its file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'zhengyin-shown-'))
    afterAll(() => rmSync(folder, { recursive: true, force: true }))
    const statusLists = new Map([[LIST_ADDRESS, await statusList()]])
    await writeTrustFolder(folder, { anchors: policy.trustAnchors, crls, trustList: await trustList(), statusLists })
    const file = join(folder, 'a\u001b[2J\u001b[1A genuine.pdf')
    writeFileSync(file, await tampered(ESCAPE))
    const options = ['--offline', '--trust', folder, '--at', NOW.toISOString()]
    const { status, stdout } = run(process.execPath, ['bin/zhengyin.ts', 'verify', ...options, file])
    expect(status).toBe(1)
    expect(stdout.split('\n').filter((line) => UNSEEN.test(line))).toEqual([])
    expect(stdout).toContain('不可信 Not genuine')
  })
})

describe('a live answer of the register', () => {
  it.each(['annulled', '', 7, null])('with a status that nobody defined (%j) accepts nothing', async (status) => {
    const live = { identifier: (await verify(await sealedLicence())).licence!.identifier, asOf: NOW.toISOString() }
    const { statusLists } = await evidence()
    const report = await verify(await sealedLicence(), { live: { ...live, status: status as never }, statusLists })
    expect(report.verdict).toBe('undecided')
    expect(report.findings.map(({ code }) => code)).toContain('STATUS_VALUE_UNKNOWN')
    expect(report.licence?.status).toBe('unknown')
  })
})
