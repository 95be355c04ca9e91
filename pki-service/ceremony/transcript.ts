import { createHash } from 'node:crypto'
import { cms, type SigningKey } from '../../pki/index.ts'
import { PkiServiceError } from '../errors.ts'
import { type FileDigest, type Files, jsonOf, sha256Of, toJson } from './files.ts'

export type CeremonyKind = 'root' | 'sign' | 'revoke' | 'crl' | 'cross' | 'shares' | 'restore'

/** Someone who is there. A holder brings or receives a share. */
export interface Attendant {
  readonly name: string
  readonly role: 'conductor' | 'holder' | 'witness'
}

/** The record of a ceremony, signed with the root key in whose presence it was held. */
export interface Transcript {
  readonly version: 1
  /** Counts the ceremonies of this root from 1. */
  readonly number: number
  readonly kind: CeremonyKind
  readonly tool: string
  readonly rehearsal: boolean
  readonly place: string
  readonly people: readonly Attendant[]
  /** The root's own name online: `root`, `root-2`. */
  readonly root: string
  /** First 16 octets of SHA-256 over the root's public key, hexadecimal, as every share carries it. */
  readonly keyId: string
  readonly sharing: { readonly threshold: number; readonly count: number } | null
  readonly begunAt: string
  readonly endedAt: string
  readonly steps: readonly { readonly at: string; readonly what: string }[]
  /** What was brought in and what came of it. */
  readonly taken: readonly FileDigest[]
  readonly made: readonly FileDigest[]
}

const KIND_NAMES: Readonly<Record<CeremonyKind, string>> = {
  root: '根密钥仪式 making of the root',
  sign: '签发 signing of requests',
  revoke: '吊销 revocation',
  crl: '吊销列表 revocation list',
  cross: '交叉认证 cross-certification',
  shares: '密钥分片更换 new shares',
  restore: '恢复 restoration',
}

const transcriptFile = (number: number, ending: 'json' | 'txt' | 'p7s'): string =>
  `transcript-${String(number).padStart(3, '0')}.${ending}`

const TRANSCRIPT = /^transcript-(\d{3})\.json$/

/** Numbers of the transcripts in a folder, rising. */
export const transcriptNumbers = (files: Files): number[] =>
  [...files.keys()].flatMap((name) => Number(TRANSCRIPT.exec(name)?.[1] ?? Number.NaN) || []).sort((a, b) => a - b)

/** The transcript for people: nothing stands in it that the JSON does not say. */
export function describeTranscript(transcript: Transcript): string {
  const { number, kind, rehearsal, sharing } = transcript
  const digests = (files: readonly FileDigest[]) => files.map(({ file, sha256 }) => `  ${file}\n    SHA-256 ${sha256}`)
  const roles = { conductor: '主持 conductor', holder: '分片持有人 holder', witness: '见证 witness' } as const
  return [
    `密钥仪式记录 Transcript of ceremony ${number}: ${KIND_NAMES[kind]}${rehearsal ? ' (演练 rehearsal)' : ''}`,
    '',
    `地点 place: ${transcript.place}`,
    `时间 time: ${transcript.begunAt} – ${transcript.endedAt}`,
    `软件 tool: ${transcript.tool}`,
    `根 root: ${transcript.root}, key ${transcript.keyId}`,
    ...(sharing ? [`分片 shares: ${sharing.count}, any ${sharing.threshold} open the key`] : []),
    '在场 people:',
    ...transcript.people.map(({ name, role }) => `  ${roles[role]}: ${name}`),
    '经过 steps:',
    ...transcript.steps.map(({ at, what }) => `  ${at}  ${what}`),
    '收到 taken:',
    ...digests(transcript.taken),
    '制作 made:',
    ...digests(transcript.made),
    '',
  ].join('\n')
}

/** The three files of a transcript: JSON, text, and a detached CMS signature over the JSON (`openssl cms -verify` reads it). */
export async function writeTranscript(transcript: Transcript, root: Uint8Array, key: SigningKey): Promise<Files> {
  const json = toJson(transcript)
  const signer = cms.compileSigner({ certificate: root, chain: [], signatureAlgorithm: key.signatureAlgorithm })
  const digest = createHash('sha256').update(json).digest()
  const signature = signer.assemble(digest, await key.sign(signer.attributesToSign(digest)))
  return new Map([
    [transcriptFile(transcript.number, 'json'), json],
    [transcriptFile(transcript.number, 'txt'), Buffer.from(describeTranscript(transcript))],
    [transcriptFile(transcript.number, 'p7s'), signature],
  ])
}

const wrong = (why: string, cause?: unknown) => new PkiServiceError('CEREMONY_TRANSCRIPT_WRONG', why, { cause })

/**
 * Reads one transcript of a folder and holds everything against it: the root's signature, the digest of every file made, the text.
 * Throws `CEREMONY_TRANSCRIPT_WRONG`, `CEREMONY_FOLDER_DAMAGED`.
 */
export async function checkTranscript(files: Files, number: number, root: Uint8Array): Promise<Transcript> {
  const file = transcriptFile(number, 'json')
  const transcript = jsonOf(files, file) as Transcript
  const content = files.get(file)!
  await checkSignature(content, files.get(transcriptFile(number, 'p7s')), root).catch((cause: unknown) => {
    throw cause instanceof PkiServiceError ? cause : wrong(`the signature of ${file} cannot be read`, cause)
  })
  if (transcript.version !== 1 || transcript.number !== number)
    throw wrong(`${file} is the transcript of another ceremony`)
  for (const { file: made, sha256 } of transcript.made) {
    const bytes = files.get(made)
    if (bytes === undefined || sha256Of(bytes) !== sha256)
      throw wrong(`${made} is missing or not the one that was made`)
  }
  const text = Buffer.from(files.get(transcriptFile(number, 'txt')) ?? []).toString('utf8')
  if (text !== describeTranscript(transcript))
    throw wrong(`${transcriptFile(number, 'txt')} does not say what the signed JSON says`)
  return transcript
}

async function checkSignature(content: Uint8Array, signature: Uint8Array | undefined, root: Uint8Array): Promise<void> {
  if (signature === undefined) throw wrong('the signature of a transcript is missing')
  const [signer, ...more] = await cms.verifySignedData(cms.parseSignedData(signature), { content })
  const isRoot = signer?.certificate !== undefined && Buffer.compare(signer.certificate.raw, root) === 0
  if (signer?.valid !== true || !isRoot || more.length > 0) throw wrong('a transcript is not signed by this root')
}
