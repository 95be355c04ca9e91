import { ca } from '../../pki/index.ts'
import { demonstrationPki } from '../domain/authority.ts'
import { formatName, type NameParts, parseName } from '../domain/names.ts'
import { PkiServiceError } from '../errors.ts'
import { derOf, type Files, jsonOf, keyIdOf, sha256Of, toJson, toPem } from './files.ts'

/** What the online service asks a root for: one entity, one key. */
export interface SigningRequest {
  /** As the online service will know it: `seal-ca`, `seal-ca-2`, `root-ocsp`. */
  readonly name: string
  readonly parts: NameParts
  readonly profile: 'issuing-ca' | 'ocsp-responder'
  readonly validityDays: number
  /** For people. */
  readonly subject: string
  /** First 16 octets of SHA-256 over the public key, hexadecimal, to be compared by eye. */
  readonly keyId: string
  /** PKCS #10, DER. */
  readonly csr: Uint8Array
}

/** One journey from the online service to the root. */
export interface RequestSet {
  /** The root's own name online: `root`, or `root-2` after a change of roots. */
  readonly root: string
  /** Public address of the installation: certificates point below it. */
  readonly baseUrl: string
  readonly requests: readonly SigningRequest[]
}

const INDEX = 'request.json'
const MOST_REQUESTS = 20

/** The set as files: `request.json` and a PEM file for each request. */
export function writeRequestSet(
  set: Omit<RequestSet, 'requests'> & { requests: readonly { name: string; csr: Uint8Array }[] },
): Files {
  const files = new Map<string, Uint8Array>()
  for (const { name, csr } of set.requests) files.set(`${name}.csr`, toPem(csr, 'CERTIFICATE REQUEST'))
  const requests = [...files].map(([file, bytes]) => ({ name: file.slice(0, -4), file, sha256: sha256Of(bytes) }))
  return files.set(INDEX, toJson({ version: 1, root: set.root, baseUrl: set.baseUrl, requests }))
}

const refuse = (why: string, cause?: unknown) => new PkiServiceError('CEREMONY_REQUEST_REFUSED', why, { cause })

/**
 * Reads a set and proves that whoever made each request holds its key (RFC 2986 §4.2). Validity comes from the root's own table, never
 * from the request. Throws `CEREMONY_REQUEST_REFUSED`, `CEREMONY_FOLDER_DAMAGED`.
 */
export async function readRequestSet(files: Files, at: Date): Promise<RequestSet> {
  const { version, root, baseUrl, requests } = jsonOf(files, INDEX) as Record<string, unknown>
  const rootParts = typeof root === 'string' ? parseName(root) : undefined
  if (version !== 1 || rootParts?.authority !== 'root' || rootParts.responder !== null)
    throw refuse(`${INDEX} names no root`)
  if (typeof baseUrl !== 'string' || !isBaseUrl(baseUrl))
    throw refuse(`${INDEX}: expected an address without path in baseUrl`)
  if (!Array.isArray(requests) || requests.length === 0 || requests.length > MOST_REQUESTS) {
    throw refuse(`${INDEX}: expected 1 to ${MOST_REQUESTS} requests`)
  }
  const read = await Promise.all(
    requests.map((entry) => readRequest(files, entry as Record<string, unknown>, rootParts, at)),
  )
  if (new Set(read.map(({ name }) => name)).size !== read.length) throw refuse('a name is asked for twice')
  return { root: formatName(rootParts), baseUrl, requests: read }
}

function isBaseUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text
}

async function readRequest(
  files: Files,
  { name, file, sha256 }: Record<string, unknown>,
  root: NameParts,
  at: Date,
): Promise<SigningRequest> {
  const parts = typeof name === 'string' ? parseName(name) : undefined
  const profile = parts && profileOf(parts, root)
  if (parts === undefined || profile === undefined || file !== `${name}.csr`) {
    throw refuse(`${INDEX} asks for something that this root does not certify`)
  }
  if (sha256Of(files.get(file) ?? new Uint8Array()) !== sha256)
    throw refuse(`${file} is not the one that ${INDEX} names`)
  const csr = derOf(files, file, 'CERTIFICATE REQUEST')
  const { subject, subjectPublicKeyInfo } = await proveCsr(csr, file, at)
  return {
    name: formatName(parts),
    parts,
    profile,
    validityDays: validityDaysOf(parts),
    subject: subject.text,
    keyId: keyIdOf(subjectPublicKeyInfo),
    csr,
  }
}

/** Throws `CEREMONY_REQUEST_REFUSED` unless the request is signed with the key that it carries. */
export async function proveCsr(csr: Uint8Array, what: string, at: Date): Promise<ca.CertificateSigningRequest> {
  let parsed: ca.CertificateSigningRequest
  try {
    parsed = ca.parseCsr(csr)
  } catch (cause) {
    throw refuse(`${what} is no certification request that this house reads`, cause)
  }
  const fault = await ca.verifyCsr(parsed, at)
  if (fault !== null) throw refuse(`${what} does not prove that its key is held: ${fault}`)
  return parsed
}

/** A root certifies issuing CAs of every generation, and its own responders alone. */
function profileOf(parts: NameParts, root: NameParts): SigningRequest['profile'] | undefined {
  if (parts.authority !== 'root') return parts.responder === null ? 'issuing-ca' : undefined
  return parts.responder !== null && parts.generation === root.generation ? 'ocsp-responder' : undefined
}

function validityDaysOf(parts: NameParts): number {
  const base = formatName({ ...parts, generation: 1, responder: parts.responder === null ? null : 1 })
  const entity = demonstrationPki.find(({ name }) => name === base)
  if (entity === undefined) throw refuse(`${base} is not in the table of entities`)
  return entity.validityDays
}
