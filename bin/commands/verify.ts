// `verify` and `verify-qr`: reports by a trust folder; exit 0 iff every verdict is `accepted`. One verification may be written down: as an
// evidence bundle for `replay`, as HTML, PDF or XML.
import { existsSync } from 'node:fs'
import { createGuardedFetch, dataFolder, privateAddresses, systemClock } from '../../platform/index.ts'
import type { BundleMaterial } from '../../verifier/bundle/index.ts'
import {
  anchorsByPurpose,
  createGatherer,
  defaultDemands,
  findSubject,
  type Gatherer,
  type Question,
  type StatementVerification,
  shown,
  type ValidationPolicy,
  type VerificationReport,
  verifyDocument,
  verifyStatementText,
} from '../../verifier/index.ts'
import { callerPath, readCallerFile } from '../caller-path.ts'
import { parseInstant } from '../caller-time.ts'
import { CommandError } from '../errors.ts'
import { evidenceOfFolder } from '../evidence.ts'
import { type ListMemoryStore, listMemoryOf, openListMemory } from '../list-memory.ts'
import { demandsOf } from '../other-trust-lists.ts'
import { readPolicyFile } from '../policy-file.ts'
import { readTrustFolder, trustFolderOf } from '../trust-folder.ts'
import { asksForFiles, expectFree, type ReportFiles, sha256Of, writeReports } from '../write-reports.ts'

export interface VerifyOptions {
  readonly json?: true
  readonly trust?: string
  readonly at?: string
  readonly offline?: true
  readonly policy?: string
  readonly inForceAt?: string
  readonly qr?: string
  readonly memory?: string
}

/** `verify` and `verify-qr` may write one verification down, in one form or several. */
type Options = VerifyOptions & ReportFiles

/** Verifies files in order, one report each. A file that cannot be read makes the call wrong; a bad document is a verdict. */
export async function verifyFiles(files: readonly string[], options: Options): Promise<void> {
  expectOne(files, options)
  expectFree(options)
  const { gather, policy, at, question, memory } = await prepare(options)
  for (const name of files) {
    const bytes = new Uint8Array(await readCallerFile(name))
    const evidence = await gather(findSubject(bytes))
    const report = await verifyDocument({ name, bytes }, evidence, policy, at, question)
    await memory?.remember(report.lists)
    tell(report, name, options)
    await writeDown({ subject: { kind: 'document', name, bytes }, evidence, policy, at, question, report }, options)
  }
}

/** Verifies texts of QR codes in order, one report each. */
export async function verifyTexts(texts: readonly string[], options: Options): Promise<void> {
  expectOne(texts, options)
  expectFree(options)
  const { gather, policy, at, question, memory } = await prepare(options)
  for (const text of texts) {
    const evidence = await gather({ identifier: null, statementText: text })
    const report = await verifyStatementText(text, evidence, policy, at, question)
    await memory?.remember(report.lists)
    tell(report, `${text.slice(0, 40)}…`, options)
    await writeDown({ subject: { kind: 'statement', text }, evidence, policy, at, question, report }, options)
  }
}

function expectOne(subjects: readonly string[], options: Options): void {
  if (subjects.length > 1 && options.qr !== undefined) {
    throw new CommandError('ONE_SUBJECT_EXPECTED', 'a QR code is compared with one document')
  }
  if (subjects.length > 1 && asksForFiles(options)) {
    throw new CommandError('ONE_SUBJECT_EXPECTED', 'a bundle or a written report is of one verification alone')
  }
}

async function writeDown(material: BundleMaterial, options: ReportFiles): Promise<void> {
  if (!asksForFiles(options)) return
  const { subject, report } = material
  const bytes = subject.kind === 'document' ? subject.bytes : new TextEncoder().encode(subject.text)
  await writeReports(report, options, { facts: { subjectDigest: sha256Of(bytes) }, material })
}

interface Prepared {
  readonly gather: Gatherer
  readonly policy: ValidationPolicy
  readonly at: Date
  readonly question: Question
  readonly memory: ListMemoryStore | undefined
}

async function prepare(options: VerifyOptions): Promise<Prepared> {
  const folder = options.trust ? callerPath(options.trust) : trustFolderOf(dataFolder())
  const material = await readTrustFolder(folder)
  if (options.trust && material.anchors.length === 0) {
    throw new CommandError('TRUST_FOLDER_EMPTY', `the trust folder ${options.trust} holds no root (*.pem)`)
  }
  if (material.anchors.length === 0)
    process.stderr.write(`no roots in ${folder}: nothing can be accepted; name a trust folder with --trust\n`)
  const { others } = material
  const memory = await findMemory(options)
  const fetch = options.offline ? null : createGuardedFetch({ privateAddresses: privateAddresses() })
  return {
    gather: createGatherer(evidenceOfFolder(material, fetch, memory)),
    policy: { ...(await readPolicyFile(options.policy)), ...anchorsByPurpose(material), ...demandsOf(others) },
    at: options.at === undefined ? systemClock.now() : parseInstant(options.at),
    question: {
      ...(options.inForceAt !== undefined && { inForceAt: parseInstant(options.inForceAt) }),
      ...(options.qr !== undefined && { scannedStatement: options.qr }),
    },
    memory,
  }
}

/** Where the caller says, else in the data folder where there is one: a verification makes no folder of its own. */
async function findMemory({ memory }: VerifyOptions): Promise<ListMemoryStore | undefined> {
  if (memory !== undefined) return openListMemory(callerPath(memory))
  return existsSync(dataFolder()) ? openListMemory(listMemoryOf(dataFolder())) : undefined
}

const questionWords = { seal: '印章', licence: '证照', issuer: '机关' } as const

function tell(report: VerificationReport | StatementVerification, name: string, options: VerifyOptions): void {
  if (report.verdict !== 'accepted') process.exitCode = 1
  if (options.json) {
    console.log(JSON.stringify(report))
    return
  }
  const { word, sentence, answers } = report.explanation
  console.log(
    [
      `${shown(name)}: ${word.zh} ${word.en}`,
      `  ${sentence.zh}`,
      `  ${sentence.en}`,
      ...answers.map(
        ({ question, sentence }) => `  ${questionWords[question]} ${question}: ${sentence.zh} ${sentence.en}`,
      ),
      ...(report.question?.inForceAt ? [`  所问时间 asked about: ${report.question.inForceAt}`] : []),
      ...(report.policy.id === defaultDemands.id ? [] : [`  核验策略 policy: ${shown(report.policy.id)}`]),
      ...('text' in report ? factsToCompare(report) : levelsOf(report)),
    ].join('\n'),
  )
}

/** The level that each seal was verified at, and when it is proven to have existed: without a time stamp, only now. */
function levelsOf({ signatures, validationTime }: VerificationReport): string[] {
  return signatures
    .filter(({ type }) => type === 'signature')
    .map(({ field, level, bestSignatureTime }) => {
      const proven = bestSignatureTime === validationTime ? '' : `, 不晚于 proven by ${bestSignatureTime}`
      return `  签章等级 level: ${field} ${level}${proven}`
    })
}

/** What a genuine code says, to be held against the paper it is printed on. */
function factsToCompare({ statement }: StatementVerification): string[] {
  if (!statement) return []
  const { typeName, issuerName, holder, number, validFrom, validUntil } = statement
  return [
    `  证照类型 type: ${typeName ? `${typeName.zh} ${typeName.en}` : '—'}`,
    `  持证主体 holder: ${holder}`,
    `  证照编号 number: ${number}`,
    `  发证机关 issuer: ${issuerName ? `${issuerName.zh} ${issuerName.en}` : '—'}`,
    `  有效期 valid: ${validFrom} – ${validUntil ?? '长期 no end'}`,
  ]
}
