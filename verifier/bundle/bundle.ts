// The evidence bundle: one file of canonical JSON (RFC 8785) with its parts in base64. There is exactly one way to write a content, and
// every other is refused, so that no octet can be changed without being noticed.
import { canonicalJson, fromBase64, type JsonValue, LicenceFormatError, toBase64 } from '../../licence-format/index.ts'
import { asn1, primitives } from '../../pki/index.ts'
import { malformed, type PartReader, type PartWriter, readObject, toWellFormedJson } from './codec.ts'
import { type BundleContent, type BundleMaterial, contentCodec } from './content.ts'
import { BundleError } from './errors.ts'
import { noParts, type SignedReceipt, signedReceiptCodec } from './receipt-file.ts'
import { SOFTWARE } from './software.ts'

const FORMAT = 'zhengyin-evidence-bundle'
const VERSION = 1
/** A document of 64 MiB in base64, and what belongs to it. */
const LARGEST = 192 << 20
const MOST_PARTS = 8_192

export interface EvidenceBundle {
  readonly content: BundleContent
  /** SHA-256 of the content as canonical JSON, lower-case hex; it names every part, so a receipt that names it binds all. */
  readonly contentDigest: string
  readonly receipt: SignedReceipt | null
}

/** SHA-256, lower-case hex. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  return asn1.toHex(await primitives.digest('SHA-256', bytes))
}

/** What a receipt names: the content, the policy and the report, each by its digest. */
export interface ContentDigests {
  readonly content: string
  readonly policy: string
  readonly report: string
}

/** Digests of a material as its bundle would hold it. */
export async function digestMaterial(material: BundleMaterial): Promise<ContentDigests> {
  const { json } = await writeContent(material)
  return digestContent(json)
}

async function digestContent(json: Readonly<Record<string, JsonValue>>): Promise<ContentDigests> {
  const digestOf = (value: JsonValue | undefined) => sha256(canonicalJson(value))
  return { content: await digestOf(json), policy: await digestOf(json.policy), report: await digestOf(json.report) }
}

async function writeContent(material: BundleMaterial) {
  const parts = new Map<string, Uint8Array>()
  const writer: PartWriter = {
    async put(bytes) {
      const name = await sha256(bytes)
      parts.set(name, bytes)
      return name
    },
  }
  const { question = {}, ...rest } = material
  const isAsked = Object.keys(question).length > 0
  const content: BundleContent = {
    ...rest,
    ...(isAsked && { question }),
    software: SOFTWARE,
    report: toWellFormedJson(material.report),
  }
  return { json: (await contentCodec.write(content, writer)) as Readonly<Record<string, JsonValue>>, parts }
}

/** Writes a bundle: what the verdict follows from, the verdict, and where one was made the receipt. The same material gives the same bytes. */
export async function writeBundle(material: BundleMaterial, receipt: SignedReceipt | null = null): Promise<Uint8Array> {
  const { json, parts } = await writeContent(material)
  const head = { content: json, receipt: receipt && ((await signedReceiptCodec.write(receipt, noParts)) as JsonValue) }
  return canonicalJson({
    format: FORMAT,
    version: VERSION,
    ...head,
    digest: await sha256(canonicalJson(head)),
    parts: Object.fromEntries([...parts].map(([name, bytes]) => [name, toBase64(bytes)])),
  })
}

/**
 * Reads a bundle from hostile bytes; nothing of it is believed but that it is whole. Throws BUNDLE_TOO_LARGE (192 MiB), BUNDLE_MALFORMED,
 * BUNDLE_VERSION_UNKNOWN and BUNDLE_CHANGED.
 */
export async function readBundle(bytes: Uint8Array): Promise<EvidenceBundle> {
  const { content, receipt, digest, parts } = readFrame(bytes)
  if (digest !== (await sha256(canonicalJson({ content, receipt })))) {
    throw new BundleError('BUNDLE_CHANGED', 'the bundle is not what was written: its digest is another')
  }
  const { reader, leftOver } = await readParts(parts)
  const read = contentCodec.read(content, reader)
  const stray = leftOver()
  if (stray > 0) throw malformed(`${stray} parts belong to nothing`)
  return {
    content: read,
    contentDigest: await sha256(canonicalJson(content)),
    receipt: receipt === null ? null : signedReceiptCodec.read(receipt, noParts),
  }
}

function readFrame(bytes: Uint8Array) {
  if (bytes.length > LARGEST) throw new BundleError('BUNDLE_TOO_LARGE', `expected at most ${LARGEST} octets`)
  const frame = readObject(parseCanonical(bytes))
  const { format, version, content, receipt, digest, parts, ...others } = frame
  if (format !== FORMAT) throw malformed('expected an evidence bundle')
  if (version !== VERSION) throw new BundleError('BUNDLE_VERSION_UNKNOWN', `expected version ${VERSION}`)
  if (Object.keys(others).length > 0 || receipt === undefined || content === undefined) {
    throw malformed('expected content, digest, format, parts, receipt and version')
  }
  return { content, receipt, digest, parts: readObject(parts) }
}

/** Only the canonical form counts: no octet of the file is without meaning. */
function parseCanonical(bytes: Uint8Array): unknown {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch (cause) {
    throw malformed('expected JSON in UTF-8', cause)
  }
  try {
    if (asn1.equalBytes(canonicalJson(value), bytes)) return value
  } catch (cause) {
    if (!(cause instanceof LicenceFormatError)) throw cause
    throw malformed('expected JSON that has a canonical form', cause)
  }
  throw malformed('expected canonical JSON')
}

async function readParts(named: Readonly<Record<string, unknown>>) {
  const names = Object.keys(named)
  if (names.length > MOST_PARTS) throw malformed(`expected at most ${MOST_PARTS} parts`)
  const parts = new Map<string, Uint8Array>()
  for (const name of names) {
    const bytes = readBase64(named[name])
    if ((await sha256(bytes)) !== name) {
      throw new BundleError('BUNDLE_CHANGED', 'a part of the bundle is not what was written: its digest is another')
    }
    parts.set(name, bytes)
  }
  const unused = new Set(names)
  const reader: PartReader = {
    take(name) {
      const part = typeof name === 'string' ? parts.get(name) : undefined
      if (!part) throw malformed('a part is missing')
      unused.delete(name as string)
      return part
    },
  }
  return { reader, leftOver: () => unused.size }
}

/** Strict base64: of the texts that mean the same bytes only the usual one. */
function readBase64(text: unknown): Uint8Array {
  if (text === '') return new Uint8Array()
  const bytes = typeof text === 'string' ? fromBase64(text) : undefined
  if (!bytes || toBase64(bytes.subarray(-((bytes.length - 1) % 3) - 1)) !== (text as string).slice(-4)) {
    throw malformed('expected base64')
  }
  return bytes
}
