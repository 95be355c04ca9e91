// The six licences of `zhengyin demo` under tools we did not write.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listTemplates } from '../../templates/index.ts'
import { isMissing, judgesPython, readQrCodes, run, verapdfJar } from '../support/tools.ts'

const out = mkdtempSync(join(tmpdir(), 'zhengyin-demo-'))
const unsealed = mkdtempSync(join(tmpdir(), 'zhengyin-unsealed-'))
let files: string[] = []

beforeAll(() => {
  const demo = run(process.execPath, ['bin/zhengyin.ts', 'demo', '--level', 'B-B', '--out', out])
  expect(demo.output).toContain('.pdf')
  expect(demo.status).toBe(0)
  files = readdirSync(out)
    .filter((name) => name.endsWith('.pdf'))
    .map((name) => join(out, name))
  for (const file of files) {
    const bytes = readFileSync(file)
    writeFileSync(file.replace(out, unsealed), bytes.subarray(0, bytes.indexOf('%%EOF') + 6))
  }
})
afterAll(() => {
  rmSync(out, { recursive: true, force: true })
  rmSync(unsealed, { recursive: true, force: true })
})

/** veraPDF's verdicts, PASS or FAIL, in the order of the paths. */
function verapdf(flavour: string, paths: readonly string[]): string[] {
  const args = ['-cp', verapdfJar, 'org.verapdf.apps.GreenfieldCliWrapper', '--format', 'text', '-f', flavour, ...paths]
  const lines = run('java', args)
    .stdout.split('\n')
    .filter((line) => /^(PASS|FAIL) /.test(line))
  const verdictOf = new Map(lines.map((line) => [line.split(' ')[1], line.split(' ')[0] as string]))
  return paths.map((path) => verdictOf.get(path) ?? 'NO VERDICT')
}

const pdfsIn = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.pdf'))
    .map((name) => join(folder, name))

describe('the demo', () => {
  it('writes one sealed licence and its data for every template, and a trust folder', () => {
    expect(files).toHaveLength(listTemplates().length)
    expect(readdirSync(out).filter((name) => name.endsWith('.json'))).toHaveLength(files.length)
    const trust = readdirSync(join(out, 'trust'))
    for (const kind of [/\.pem$/, /\.crl$/, /^trust-list\.jwt$/, /^status-list-.*\.jwt$/]) {
      expect(
        trust.some((name) => kind.test(name)),
        String(kind),
      ).toBe(true)
    }
  })

  it('is accepted by our own verifier offline, with its trust folder', () => {
    const verified = run(process.execPath, [
      'bin/zhengyin.ts',
      'verify',
      '--json',
      '--offline',
      '--trust',
      join(out, 'trust'),
      ...files,
    ])
    const reports = verified.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { verdict: string; file: string })
    expect(reports.map(({ verdict }) => verdict)).toEqual(files.map(() => 'accepted'))
    expect(verified.status).toBe(0)
  })
})

describe.skipIf(isMissing('qpdf', 'pdfsig', 'mutool', 'pdftoppm', 'zbarimg', 'pdftotext'))('every demo licence', () => {
  it('is a clean file for qpdf', () => {
    for (const file of files) {
      const { output, status } = run('qpdf', ['--check', file])
      expect(output).toContain('No syntax or stream encoding errors found')
      expect(status).toBe(0)
    }
  })

  it('has a valid signature over the whole document for pdfsig', () => {
    for (const file of files) {
      const { output } = run('pdfsig', ['-nocert', file])
      expect(output).toContain('Signature is Valid.')
      expect(output).toContain('Total document signed')
    }
  })

  it('has nothing for mutool to warn of but the private root', () => {
    for (const file of files) {
      const { output } = run('mutool', ['sign', '-v', file])
      expect(output).toContain('The document is unchanged since signing.')
      const complaints = output
        .split('\n')
        .filter((line) => /error|warning|cannot/i.test(line))
        .map((line) => line.trim())
      expect(complaints).toEqual(['Certificate error: Self-signed certificate in chain.'])
    }
  })

  it('shows a QR that reads from the page at 150 dpi and is accepted as a statement', () => {
    for (const file of files) {
      const pages = mkdtempSync(join(tmpdir(), 'zhengyin-pages-'))
      run('pdftoppm', ['-r', '150', '-png', file, join(pages, 'page')])
      const texts = readdirSync(pages).flatMap((name) => readQrCodes(join(pages, name)))
      rmSync(pages, { recursive: true, force: true })
      expect(new Set(texts).size, file).toBe(1)
      const verified = run(process.execPath, [
        'bin/zhengyin.ts',
        'verify-qr',
        '--json',
        '--offline',
        '--trust',
        join(out, 'trust'),
        texts[0] as string,
      ])
      expect(JSON.parse(verified.stdout)).toMatchObject({ verdict: 'accepted', status: 'in force' })
    }
  })

  it('gives its Chinese text to pdftotext', () => {
    for (const file of files) {
      const data = JSON.parse(readFileSync(file.replace(/\.pdf$/, '.json'), 'utf8')) as {
        typeName: string
        issuer: { name: string }
        number: string
      }
      const text = run('pdftotext', ['-layout', file, '-']).stdout.replace(/\s/g, '')
      for (const part of [data.typeName, data.issuer.name, data.number]) expect(text).toContain(part.replace(/\s/g, ''))
    }
  })

  it('carries licence.json and the statement as associated files', () => {
    for (const file of files) {
      const { stdout } = run('qpdf', ['--qdf', '--object-streams=disable', file, '-'])
      for (const part of [
        '/AF ',
        '/AFRelationship /Data',
        '/AFRelationship /Supplement',
        '/Subtype /application#2fjson',
        '/UF ',
        '/Params',
        '/ModDate',
        '/Size',
      ]) {
        expect(stdout.toLowerCase()).toContain(part.toLowerCase())
      }
    }
  })
})

describe.skipIf(isMissing(judgesPython))('pyHanko', () => {
  it('validates every demo licence with our root as anchor and our CRLs as its only revocation data', () => {
    const { stdout } = run(judgesPython, ['test/conformance/pyhanko_validate.py', join(out, 'trust'), ...files])
    const verdicts = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object)
    const sound = {
      bottomLine: true,
      intact: true,
      valid: true,
      trusted: true,
      coverage: 'ENTIRE_FILE',
      docMdpOk: true,
    }
    expect(verdicts).toEqual(files.map((file) => ({ file, ...sound })))
  })
})

describe.skipIf(isMissing('java', verapdfJar))('veraPDF', () => {
  const corpus = join(import.meta.dirname, '..', '..', '..', 'shared', 'corpora', 'pdfa-verapdf')

  it('passes every demo licence as PDF/A-3b, sealed and unsealed', () => {
    expect(verapdf('3b', pdfsIn(out))).toEqual(files.map(() => 'PASS'))
    expect(verapdf('3b', pdfsIn(unsealed))).toEqual(files.map(() => 'PASS'))
  })

  it('tells good from bad in its own calibration files', (context) => {
    if (!existsSync(join(corpus, 'index.json'))) context.skip('the calibration files are not there')
    const { cases } = JSON.parse(readFileSync(join(corpus, 'index.json'), 'utf8')) as {
      cases: { file: string; expect: { part: string; conformant: boolean } }[]
    }
    const wrong = ['1b', '2b', '3b'].flatMap((flavour) => {
      const files = cases.filter(({ expect: { part } }) => part === `PDF_A-${flavour}`)
      const verdicts = verapdf(
        flavour,
        files.map(({ file }) => join(corpus, file)),
      )
      expect(verdicts).toHaveLength(files.length)
      return files.filter(({ expect: { conformant } }, i) => (verdicts[i] === 'PASS') !== conformant)
    })
    expect(wrong).toEqual([])
  })
})
