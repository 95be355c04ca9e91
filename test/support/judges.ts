// EU DSS and veraPDF in one JVM, pyHanko in one Python: each is asked about many files at once.
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../platform/package-root.ts'
import { judgesPython, run, verapdfJar } from './tools.ts'

const judges = join(packageRoot, '.cache', 'judges')
const dssFolder = join(judges, 'dss')
const classes = join(judges, 'classes')

/** What has to be installed for `askDss` and `askVerapdf`. */
export const javaJudges = ['java', 'unzip', dssFolder, classes, verapdfJar]

/** A PDF to be judged: `trust` is a folder of anchors (*.pem) and what is known besides (*.crl); `at` an instant. */
export interface Question {
  readonly file: string
  readonly trust: string
  readonly at: Date
}

/** Writes anchors and lists, DER, as a question's `trust` wants them. */
export function writeTrust(folder: string, roots: readonly Uint8Array[], crls: readonly Uint8Array[]): void {
  for (const [index, root] of roots.entries()) {
    const pem = Buffer.from(root).toString('base64').replace(/.{64}/g, '$&\n')
    writeFileSync(join(folder, `${index}.pem`), `-----BEGIN CERTIFICATE-----\n${pem}\n-----END CERTIFICATE-----\n`)
  }
  for (const [index, crl] of crls.entries()) writeFileSync(join(folder, `${index}.crl`), crl)
}

export interface SignatureVerdict {
  readonly field: string
  /** of EU DSS alone: PAdES-BASELINE-B … */
  readonly level?: string
  readonly indication: string
  readonly subIndication: string | null
  /** best signature time, ISO 8601 */
  readonly time: string
  readonly errors?: readonly string[]
  readonly warnings?: readonly string[]
  /** of pyHanko alone */
  readonly docMdpOk?: boolean
  readonly failure?: string | null
}

export interface Verdict {
  readonly file: string
  readonly signatures: readonly SignatureVerdict[]
  readonly timeStamps?: readonly Omit<SignatureVerdict, 'field'>[]
}

const instant = (at: Date): string => `${at.toISOString().slice(0, 19)}Z`

function parseAnswers<T>(stdout: string, count: number): T[] {
  const answers = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T & { fault?: string })
  for (const answer of answers) if (answer.fault !== undefined) throw new Error(`a judge failed: ${answer.fault}`)
  if (answers.length !== count) throw new Error(`${answers.length} answers to ${count} questions`)
  return answers
}

function askJvm<T>(lines: readonly string[]): T[] {
  const args = ['-cp', classes, 'Judges', dssFolder, verapdfJar, classes]
  return parseAnswers(run('java', args, new TextEncoder().encode(`${lines.join('\n')}\n`)).stdout, lines.length)
}

/** EU DSS's verdicts with its own policy, or that of a file, offline, in the order of the questions. */
export const askDss = (questions: readonly Question[], policy?: string): Verdict[] =>
  askJvm(
    questions.map(({ file, trust, at }) => ['dss', file, trust, instant(at), ...(policy ? [policy] : [])].join('\t')),
  )

/** The text of EU DSS's own policy. */
export function readDssPolicy(): string {
  const jar = readdirSync(dssFolder).find((name) => name.startsWith('dss-policy-jaxb'))!
  return run('unzip', ['-p', join(dssFolder, jar), 'policy/constraint.xml']).stdout
}

export interface Conformance {
  readonly file: string
  readonly conformant: boolean
  /** clauses with the number of the test */
  readonly failed: readonly string[]
}

/** veraPDF's verdicts for a flavour such as 3b. */
export const askVerapdf = (flavour: string, files: readonly string[]): Conformance[] =>
  askJvm(files.map((file) => ['verapdf', file, flavour].join('\t')))

/** What EU DSS reads in an XML report of TS 119 102-2, or why it refuses it. */
export interface ReadReport {
  readonly file: string
  readonly reports?: readonly { readonly indication: string; readonly subIndications: readonly string[] }[]
  /** Validation objects: time stamps. */
  readonly objects?: number
  readonly refused?: string
}

/** Our reports before others, in one JVM: the XML ones before EU DSS's reader and schema, the PDF ones before veraPDF. */
export function askAboutReports(
  xml: readonly string[],
  pdf: readonly string[],
  flavour: string,
): { readonly xml: readonly ReadReport[]; readonly pdf: readonly Conformance[] } {
  const lines = [...xml.map((file) => `report\t${file}`), ...pdf.map((file) => `verapdf\t${file}\t${flavour}`)]
  const answers = askJvm<ReadReport & Conformance>(lines)
  return { xml: answers.slice(0, xml.length), pdf: answers.slice(xml.length) }
}

/** pyHanko's verdicts (EN 319 102-1, 5.6: signatures with long-term availability), offline. */
export function askPyhanko(questions: readonly Question[]): Verdict[] {
  const lines = questions.map(({ file, trust, at }) => `${[file, trust, instant(at)].join('\t')}\n`).join('')
  const { stdout } = run(judgesPython, ['test/conformance/pyhanko_levels.py'], new TextEncoder().encode(lines))
  return parseAnswers(stdout, questions.length)
}
