// `replay` and `verify-receipt`: what an evidence bundle or a receipt proves, without a network. Exit 0 iff it holds.
import { dataFolder, systemClock } from '../../platform/index.ts'
import {
  type AtHand,
  BundleError,
  type Doubt,
  findDoubts,
  type ReceiptVerification,
  type Replay,
  readBundle,
  readReceiptFile,
  replayContent,
  verifyReceipt,
} from '../../verifier/bundle/index.ts'
import { anchorsByPurpose, shown, type TrustAnchors } from '../../verifier/index.ts'
import { callerPath, readCallerFile } from '../caller-path.ts'
import { parseInstant } from '../caller-time.ts'
import { CommandError } from '../errors.ts'
import { demandsOf } from '../other-trust-lists.ts'
import { readPolicyFile } from '../policy-file.ts'
import { readTrustFolder, type TrustMaterial, trustFolderOf } from '../trust-folder.ts'
import type { ReportFiles } from '../write-reports.ts'
import { expectFree, sha256Of, writeReports } from '../write-reports.ts'

export interface ReplayOptions extends Omit<ReportFiles, 'bundle'> {
  readonly json?: true
  readonly trust?: string
  readonly policy?: string
}

/**
 * Judges a bundle again: exit 0 iff its verdict is `accepted`, comes out the same, and its receipt, where it has one, holds; with a trust
 * folder also its roots must be among that folder's, no list of the folder may tell of a revocation, and without a valid receipt its policy
 * must be the default or the one that is named, and its verdict rest on nothing that is not signed nor on a time that nothing shows. A bundle that was changed is told with its code.
 */
export async function replay(file: string, options: ReplayOptions): Promise<void> {
  expectFree(options)
  const bytes = new Uint8Array(await readCallerFile(file))
  const trust = options.trust === undefined ? undefined : await readNamedTrust(options.trust)
  const demands = await readPolicyFile(options.policy)
  try {
    const bundle = await readBundle(bytes)
    const roots = trust && (anchorsByPurpose(trust) as Required<TrustAnchors>)
    const outcome = await replayContent(
      bundle,
      roots && { anchors: roots.listAnchors, timeStampAnchors: roots.timeStampAnchors, crls: trust.crls },
    )
    const policy = roots && { ...demands, ...roots, ...demandsOf(trust.others) }
    const doubts =
      policy && (await findDoubts(bundle, outcome, policy, { now: systemClock.now(), lists: listsOf(trust) }))
    const holds =
      outcome.report.verdict === 'accepted' && outcome.same && outcome.receipt?.valid !== false && !doubts?.length
    if (!holds) process.exitCode = 1
    await writeReports(outcome.report, options, {
      facts: {
        subjectDigest: outcome.subject.sha256,
        software: outcome.software.wrote,
        receipt: bundle.receipt,
        replay: outcome,
      },
    })
    tellReplay(outcome, doubts, file, options)
  } catch (error) {
    if (!(error instanceof BundleError)) throw error
    tellRefusal(error, file, options)
  }
}

const DOUBTS: Readonly<Record<Doubt, string>> = {
  ROOT: '根证书不在信任目录中 a root is not in the trust folder',
  POLICY: '采用的核验策略不同 judged by another policy than the one in force here',
  REGISTER_ANSWER: '结论依赖未签名的登记簿答复 the verdict rests on an answer of the register that nobody signed',
  TIME: '无从证明核验时点，按现在核验不被采信 nothing shows the time of the verdict, and as of now it would not be accepted',
  REVOKED_SINCE: '信任目录中的列表载有吊销或泄露记录 lists of the trust folder tell of a revocation or a compromise',
}

/** What a trust folder holds beside roots. */
function listsOf({ crls, trustList, statusLists, others }: TrustMaterial): NonNullable<AtHand['lists']> {
  const lists = others?.lists ?? []
  return {
    crls: [...crls, ...lists.flatMap((list) => list.crls)],
    trustList,
    statusLists: new Map([...lists.flatMap((list) => [...list.statusLists]), ...statusLists]),
    otherTrustLists: new Map(
      lists.flatMap(({ pin, trustList: text }) => (text === null ? [] : [[pin.name, text] as const])),
    ),
  }
}

function tellReplay(
  outcome: Replay,
  doubts: readonly Doubt[] | undefined,
  file: string,
  { json }: ReplayOptions,
): void {
  const { report, stored: _, ...told } = outcome
  if (json) {
    const trusted = doubts && { isTrusted: doubts.length === 0, doubts }
    console.log(JSON.stringify({ ...report, replay: { ...told, ...trusted } }))
    return
  }
  const { word, sentence } = report.explanation
  console.log(
    [
      `${shown(file)}: ${word.zh} ${word.en}`,
      `  ${sentence.zh}`,
      `  ${sentence.en}`,
      `  核验时点 as of: ${report.validationTime}`,
      ...(report.question?.inForceAt ? [`  所问时间 asked about: ${report.question.inForceAt}`] : []),
      `  核验策略 policy: ${shown(report.policy.id)} SHA-256 ${report.policy.digest}`,
      outcome.same ? '  重新核验结果相同 judged again: the same' : '  重新核验结果不同 judged again: another result',
      ...outcome.differences.slice(0, 20).map(({ path, kind }) => `    ${kind}: ${shown(path)}`),
      ...outcome.anchors.map(({ sha256, subject }) => `  根证书 root: ${shown(subject)} SHA-256 ${sha256}`),
      ...(doubts ?? []).map((doubt) => `  ${DOUBTS[doubt]}`),
      ...(outcome.receipt ? linesOf(outcome.receipt) : ['  没有签名回执 no signed receipt']),
    ].join('\n'),
  )
}

export interface VerifyReceiptOptions {
  readonly json?: true
  readonly trust?: string
  readonly document?: string
  readonly at?: string
}

/** Judges a receipt by a trust folder's roots; exit 0 iff it is genuine and, where a document is given, of that document. */
export async function verifyReceiptFile(file: string, options: VerifyReceiptOptions): Promise<void> {
  const bytes = new Uint8Array(await readCallerFile(file))
  const digest = options.document === undefined ? undefined : await sha256Of(await readCallerFile(options.document))
  const trust = await readNamedTrust(options.trust)
  const { listAnchors: anchors, timeStampAnchors } = anchorsByPurpose(trust) as Required<TrustAnchors>
  const { crls } = trust
  const at = options.at === undefined ? systemClock.now() : parseInstant(options.at)
  try {
    const outcome = await verifyReceipt(readReceiptFile(bytes), {
      anchors,
      timeStampAnchors,
      ...(crls.length > 0 && { crls }),
      at,
    })
    const isOfDocument = digest === undefined ? null : outcome.payload?.subject.sha256 === digest
    if (!outcome.valid || isOfDocument === false) process.exitCode = 1
    if (options.json) console.log(JSON.stringify({ ...outcome, isOfDocument }))
    else {
      const other = '  不是该文件的回执 it is about another document'
      console.log([`${shown(file)}:`, ...linesOf(outcome), ...(isOfDocument === false ? [other] : [])].join('\n'))
    }
  } catch (error) {
    if (!(error instanceof BundleError)) throw error
    tellRefusal(error, file, options)
  }
}

function linesOf({ valid, reason, detail, payload, signedBy, provenAt }: ReceiptVerification): string[] {
  const told = valid ? '有效 genuine' : `无效 not genuine: ${reason} ${shown(detail)}`
  return [
    `  签名回执 receipt: ${told}`,
    ...(signedBy === null ? [] : [`  核验机构 verifier: ${shown(signedBy)}`]),
    ...(payload ? [`  ${payload.verdict} ${payload.validationTime} SHA-256 ${payload.subject.sha256}`] : []),
    ...(provenAt === null ? [] : [`  时间戳 time stamp: ${provenAt}`]),
  ]
}

/** What was changed is no wrong call: the answer is no. */
function tellRefusal({ code, message }: BundleError, file: string, { json }: { readonly json?: true }): void {
  process.exitCode = 1
  if (json) console.log(JSON.stringify({ error: { code, message } }))
  else console.error(`${shown(file)}: ${code}: ${message}`)
}

async function readNamedTrust(folder: string | undefined): Promise<TrustMaterial> {
  const material = await readTrustFolder(folder === undefined ? trustFolderOf(dataFolder()) : callerPath(folder))
  if (material.anchors.length > 0) return material
  throw new CommandError('TRUST_FOLDER_EMPTY', `the trust folder ${folder ?? ''} holds no root (*.pem)`)
}
