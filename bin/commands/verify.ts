// `verify` and `verify-qr`: reports by a trust folder; exit 0 iff every verdict is `accepted`.
import { readFile } from 'node:fs/promises'
import { dataFolder, systemClock, TrustServiceError } from '../../platform/index.ts'
import {
  createGatherer,
  findSubject,
  type Gatherer,
  type StatementVerification,
  type ValidationPolicy,
  type VerificationReport,
  verifyDocument,
  verifyStatementText,
} from '../../verifier/index.ts'
import { callerPath } from '../caller-path.ts'
import { evidenceOfFolder } from '../evidence.ts'
import { readTrustFolder, trustFolderOf } from '../trust-folder.ts'

export interface VerifyOptions {
  readonly json?: true
  readonly trust?: string
  readonly at?: string
  readonly offline?: true
}

/** Verifies files in order, one report each. A file that cannot be read makes the call wrong; a bad document is a verdict. */
export async function verifyFiles(files: readonly string[], options: VerifyOptions): Promise<void> {
  const { gather, policy, at } = await prepare(options)
  for (const name of files) {
    const bytes = new Uint8Array(await readFile(callerPath(name)).catch(unreadable(name)))
    tell(await verifyDocument({ name, bytes }, await gather(findSubject(bytes)), policy, at), name, options)
  }
}

/** Verifies texts of QR codes in order, one report each. */
export async function verifyTexts(texts: readonly string[], options: VerifyOptions): Promise<void> {
  const { gather, policy, at } = await prepare(options)
  for (const text of texts) {
    tell(
      await verifyStatementText(text, await gather({ identifier: null, statementText: text }), policy, at),
      text,
      options,
    )
  }
}

async function prepare(options: VerifyOptions): Promise<{ gather: Gatherer; policy: ValidationPolicy; at: Date }> {
  const folder = options.trust ? callerPath(options.trust) : trustFolderOf(dataFolder())
  const material = await readTrustFolder(folder)
  if (options.trust && material.anchors.length === 0) {
    throw new TrustServiceError('TRUST_FOLDER_EMPTY', 'the trust folder holds no root (*.pem)')
  }
  return {
    gather: createGatherer(evidenceOfFolder(material, options.offline !== true)),
    policy: { trustAnchors: material.anchors },
    at: options.at === undefined ? systemClock.now() : parseInstant(options.at),
  }
}

function parseInstant(text: string): Date {
  const isIso = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/.test(text)
  const at = new Date(text)
  if (!isIso || Number.isNaN(at.getTime()))
    throw new TrustServiceError('TIME_MALFORMED', 'expected an ISO 8601 time with its zone, as 2026-11-21T08:00:00Z')
  return at
}

const unreadable =
  (name: string) =>
  (cause: unknown): never => {
    throw new TrustServiceError('FILE_UNREADABLE', `${name} cannot be read`, { cause })
  }

function tell(report: VerificationReport | StatementVerification, name: string, options: VerifyOptions): void {
  if (report.verdict !== 'accepted') process.exitCode = 1
  if (options.json) {
    console.log(JSON.stringify(report))
    return
  }
  const { word, sentence, answers } = report.explanation
  console.log(
    [
      `${name}: ${word.zh} ${word.en}`,
      `  ${sentence.zh}`,
      `  ${sentence.en}`,
      ...answers.map((answer) => `  ${answer.question}: ${answer.sentence.en}`),
    ].join('\n'),
  )
}
