// `validate-path`: one certification path by RFC 5280 alone. Exit 0 when it holds, 1 when not, 2 when the call was wrong.
import { PkiError, x509 } from '../../pki/index.ts'
import { systemClock } from '../../platform/index.ts'
import { readCallerFile } from '../caller-path.ts'
import { parseInstant } from '../caller-time.ts'

export interface ValidatePathOptions {
  readonly leaf: string
  readonly intermediates?: readonly string[]
  readonly anchors: readonly string[]
  readonly crls?: readonly string[]
  readonly at?: string
  readonly policies?: readonly string[]
  readonly requireExplicitPolicy?: true
  readonly inhibitAnyPolicy?: true
  readonly inhibitPolicyMapping?: true
  readonly json?: true
}

/**
 * Validates the path of one certificate and tells the result. With `--crls` every certificate but the anchor needs a good status. A leaf or an
 * anchor that is no certificate makes the path not valid; a file that cannot be read makes the call wrong.
 */
export async function validatePath(options: ValidatePathOptions): Promise<void> {
  const at = options.at === undefined ? systemClock.now() : parseInstant(options.at)
  const read = (names: readonly string[] | undefined, label: Label) =>
    Promise.all((names ?? []).map((name) => readStructures(name, label))).then((found) => found.flat())
  const [leaf] = await read([options.leaf], 'CERTIFICATE')
  const intermediates = await read(options.intermediates, 'CERTIFICATE')
  const anchors = (await read(options.anchors, 'CERTIFICATE')).flatMap(parseAnchor)
  const crls = await read(options.crls, 'X509 CRL')
  const { valid, reason, detail } = await x509.validatePath({
    leaf: leaf ?? new Uint8Array(0),
    intermediates,
    anchors,
    ...(options.crls === undefined ? {} : { crls }),
    at,
    algorithms: 'any',
    conformance: 'profile',
    ...(options.policies === undefined ? {} : { policies: options.policies }),
    requireExplicitPolicy: options.requireExplicitPolicy === true,
    inhibitAnyPolicy: options.inhibitAnyPolicy === true,
    inhibitPolicyMapping: options.inhibitPolicyMapping === true,
  })
  const holds = options.crls === undefined ? 'the path holds (revocation not checked)' : 'the path holds'
  tell(valid, valid ? holds : `${reason}: ${detail}`, options.json === true)
}

function tell(valid: boolean, reason: string, json: boolean): void {
  if (!valid) process.exitCode = 1
  console.log(json ? JSON.stringify({ valid, reason }) : `${valid ? 'valid' : 'not valid'}: ${reason}`)
}

type Label = 'CERTIFICATE' | 'X509 CRL'

const utf8 = new TextDecoder()
const PEM_BEGIN = '-----BEGIN '
/** PEM may begin with text for people, but not with more than this; a large DER file is not searched through. */
const MAX_PREAMBLE = 1024 * 1024

const BLOCK = /-----BEGIN ([^-\n]*)-----[\s\S]*?-----END \1-----/g

/** The structures of one file: every sound PEM block of the label, or the file itself as DER. */
async function readStructures(name: string, label: Label): Promise<Uint8Array[]> {
  const bytes = new Uint8Array(await readCallerFile(name))
  if (bytes.length === 0) return []
  if (!utf8.decode(bytes.subarray(0, MAX_PREAMBLE)).includes(PEM_BEGIN)) return [bytes]
  return (utf8.decode(bytes).match(BLOCK) ?? []).flatMap((block) => {
    try {
      return x509.decodePem(block, label)
    } catch (error) {
      if (error instanceof PkiError) return []
      throw error
    }
  })
}

function parseAnchor(der: Uint8Array): x509.Certificate[] {
  try {
    return [x509.parseCertificate(der)]
  } catch (error) {
    if (!(error instanceof PkiError)) throw error
    process.stderr.write(`an anchor is left out: ${error.message}\n`)
    return []
  }
}
