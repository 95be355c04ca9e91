import type { SharedKey } from '../../key-store/index.ts'
import { ca, type crl, x509 } from '../../pki/index.ts'
import type { Clock, Ids } from '../../platform/index.ts'
import { addressesOf, type IssuerAddresses } from '../domain/addresses.ts'
import { endOfValidity, toWholeSecond } from '../domain/authority.ts'
import { type RevocationReason, serialNumberFrom } from '../domain/certificate.ts'
import { isTestName } from '../domain/names.ts'
import { PkiServiceError } from '../errors.ts'
import { digestsOf, type Files, sha256Of } from './files.ts'
import { proveCsr, type RequestSet, type SigningRequest } from './requests.ts'
import { listFile, ROOT_FILE, type RootFolder } from './root-folder.ts'
import { type Attendant, type CeremonyKind, type Transcript, writeTranscript } from './transcript.ts'

/** How a root is called. TEST is refused in every part: production would not start with it. */
export interface RootSubject {
  /** Two letters, ISO 3166. */
  readonly country: string
  readonly organisation: string
  readonly commonName: string
}

const REHEARSAL_MARK = ' (REHEARSAL)'
/** RFC 5280 appendix A: ub-organization-name, ub-common-name. */
const LONGEST_NAME = 64

/**
 * What keeps a text from being the organisation or the name of a root; undefined when nothing does. Asked before people type their
 * passphrases, and alike in a rehearsal and in earnest: the name leaves room for the rehearsal's mark.
 */
export function faultOfRootName(part: 'organisation' | 'commonName', text: string): string | undefined {
  const longest = part === 'commonName' ? LONGEST_NAME - REHEARSAL_MARK.length : LONGEST_NAME
  const length = [...text].length
  if (length < 1 || length > longest)
    return `要 1 至 ${longest} 个字符，有 ${length} 个 expected 1 to ${longest} characters, got ${length}`
  return isTestName(text)
    ? '带 TEST 的根不能用于生产，请另取名 TEST marks roots that production refuses: choose another name'
    : undefined
}

/** What holds for a whole ceremony. */
export interface CeremonyOptions {
  readonly kind: CeremonyKind
  readonly clock: Clock
  readonly ids: Ids
  /** Name and version of this program. */
  readonly tool: string
  /** A rehearsal does all the work and says so in its transcript; its caller writes nothing down. */
  readonly rehearsal: boolean
  readonly place: string
  readonly people: readonly Attendant[]
  readonly root: string
  readonly sharedKey: SharedKey
  readonly sharing: { readonly threshold: number; readonly count: number } | null
  /** 1 for the first ceremony of a root. */
  readonly number: number
  readonly begunAt: Date
}

const rootValidityDays = 10_950
/** The root comes out of its safe once a year; a list that ends a month later leaves time to find M people. */
const listLifetimeDays = 396
const dayMs = 86_400_000
/** Agreements between cities are renewed: a cross certificate ends by itself. */
const crossValidityDays = 1826

/** A ceremony under way: every act is noted, everything made is kept until `finish` hands all out, transcript included. */
export interface Ceremony {
  note(what: string): void
  /** Notes what was brought in. */
  take(files: Files): void
  /** The self-signed certificate of the ceremony's key. Throws `CEREMONY_NAME_REFUSED`. */
  makeRoot(subject: RootSubject): Promise<x509.Certificate>
  /** A certificate for each request, never two for one name. Throws `CEREMONY_REQUEST_REFUSED`. */
  sign(set: RequestSet, root: x509.Certificate, issued: RootFolder['issued']): Promise<void>
  /** A certificate for another hierarchy's CA, within the names given. Throws `CEREMONY_REQUEST_REFUSED`. */
  crossCertify(request: CrossRequest, root: x509.Certificate, issued: RootFolder['issued']): Promise<void>
  /** The next list, with the entries of the last one and those given. Throws `CEREMONY_REQUEST_REFUSED`. */
  publishList(root: x509.Certificate, last: crl.Crl | null, revoked: readonly RootRevocation[]): Promise<void>
  /** Puts what was published before into a folder that is written anew. */
  keep(published: Omit<RootFolder, 'transcripts'>): void
  /** Notes the end and hands out everything made, the signed transcript last. */
  finish(root: x509.Certificate): Promise<Files>
}

/** Another hierarchy's CA that is to be trusted through this root, and no further than for these names. */
export interface CrossRequest {
  /** Its certificate is called `cross-<name>.cer`: small letters, digits, hyphens. */
  readonly name: string
  /** Signed by its own key, which proves that the key is held. */
  readonly certificate: x509.Certificate
  /** Public address of this root's installation, and the root's own name there. */
  readonly baseUrl: string
  readonly root: string
  /** At least one (RFC 5280 §4.2.1.10). */
  readonly permitted: readonly ca.ConstraintName[]
}

export interface RootRevocation {
  readonly certificate: x509.Certificate
  readonly reason: RevocationReason
}

/** Begins a ceremony; nothing leaves it but through `finish`. */
export function beginCeremony(options: CeremonyOptions): Ceremony {
  const { clock, ids, sharedKey, begunAt } = options
  const steps: { at: string; what: string }[] = []
  const taken = new Map<string, Uint8Array>()
  const made = new Map<string, Uint8Array>()
  const note = (what: string): void => {
    steps.push({ at: clock.now().toISOString(), what })
  }
  const make = (file: string, bytes: Uint8Array, what: string): void => {
    made.set(file, bytes)
    note(`${what}: ${file}, SHA-256 ${sha256Of(bytes)}`)
  }
  const certify = async (
    root: x509.Certificate | null,
    request: Pick<SigningRequest, 'validityDays'> & {
      profile: ca.ProfileName
      subject: Uint8Array
      publicKey: Uint8Array
      addresses?: IssuerAddresses
      constraints?: ca.CaConstraints
      notAfter?: Date
    },
  ): Promise<Uint8Array> => {
    const notBefore = toWholeSecond(clock.now())
    const days = Math.min(request.validityDays, ca.profiles[request.profile].maxValidityDays)
    return ca.issueCertificate({
      profile: request.profile,
      subject: request.subject,
      subjectPublicKey: request.publicKey,
      serialNumber: Buffer.from(serialNumberFrom(ids.bytes(16)), 'hex'),
      notBefore,
      notAfter: earlier(endOfValidity(notBefore, days, root?.notAfter), request.notAfter),
      key: sharedKey.key,
      ...(request.constraints && { constraints: request.constraints }),
      ...(root !== null && { issuer: { certificate: root.raw } }),
      ...request.addresses,
    })
  }

  return {
    note,
    take(files) {
      for (const [file, bytes] of files) taken.set(file, bytes)
    },
    async makeRoot({ country, organisation, commonName }) {
      const words = { organisation, commonName: options.rehearsal ? `${commonName}${REHEARSAL_MARK}` : commonName }
      if (Object.values(words).some(isTestName)) {
        throw new PkiServiceError(
          'CEREMONY_NAME_REFUSED',
          '带 TEST 的根不能用于生产，请另取名 TEST marks roots that production refuses: choose another name',
        )
      }
      const certificate = await certify(null, {
        profile: 'root',
        subject: encodeSubject(country, words),
        publicKey: sharedKey.key.publicKey,
        validityDays: rootValidityDays,
      })
      const root = x509.parseCertificate(certificate)
      make(ROOT_FILE, certificate, `root certificate of ${root.subject.text}`)
      return root
    },
    async sign({ root: rootName, baseUrl, requests }, root, issued) {
      for (const { name, csr, profile, validityDays } of requests) {
        const file = `${name}.cer`
        if (issued.some((issue) => issue.file === file)) {
          throw new PkiServiceError(
            'CEREMONY_REQUEST_REFUSED',
            `${name} was certified already: a new key gets a new name`,
          )
        }
        const request = await proveCsr(csr, `${name}.csr`, clock.now())
        checkAgainst(request, name, root, issued)
        const certificate = await certify(root, {
          profile,
          subject: request.subject.raw,
          publicKey: request.subjectPublicKeyInfo,
          validityDays,
          addresses: addressesOf(baseUrl, rootName, profile),
        })
        make(file, certificate, `certificate (${profile}) of ${request.subject.text}`)
      }
    },
    async crossCertify({ name, certificate: other, baseUrl, root: rootName, permitted }, root, issued) {
      const file = `cross-${name}.cer`
      const isAuthority = other.basicConstraints?.cA === true && other.keyUsage?.has('keyCertSign') === true
      const refuse = (why: string) => new PkiServiceError('CEREMONY_REQUEST_REFUSED', `${file}: ${why}`)
      if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(name)) throw refuse('expected a name of small letters, digits and hyphens')
      if (permitted.length === 0)
        throw refuse('expected the names that it may certify: an unlimited one is never signed')
      // Constraints bind only the forms of names that they mention (RFC 5280 §4.2.1.10), and whatever signs here has a directory name.
      if (!permitted.some(({ kind }) => kind === 'directory'))
        throw refuse('expected a directory name among them: without one every organisation could be certified')
      if (!isAuthority || !(await x509.verifyCertificateSignature(other, other)))
        throw refuse('expected a CA that signs itself')
      if (clock.now() < other.notBefore || clock.now() >= other.notAfter) throw refuse('it is not valid now')
      if (issued.some((issue) => issue.file === file)) throw refuse('this name was used already')
      checkAgainst(other, file, root, issued)
      const certificate = await certify(root, {
        profile: 'cross-ca',
        subject: other.subject.raw,
        publicKey: other.subjectPublicKeyInfo,
        validityDays: crossValidityDays,
        notAfter: other.notAfter,
        addresses: addressesOf(baseUrl, rootName, 'cross-ca', 0),
        constraints: { pathLenConstraint: 1, nameConstraints: { permitted } },
      })
      make(file, certificate, `cross certificate of ${other.subject.text}, within ${permitted.length} names`)
    },
    async publishList(root, last, revoked) {
      const thisUpdate = toWholeSecond(clock.now())
      const entries = [...(last?.entries.values() ?? [])].map((entry) => ({
        serialNumber: Buffer.from(entry.serialNumberHex, 'hex'),
        revocationDate: entry.revocationDate,
        reason: entry.reason,
      }))
      for (const { certificate, reason } of revoked) {
        if (last?.entries.has(certificate.serialNumberHex)) {
          throw new PkiServiceError('CEREMONY_REQUEST_REFUSED', `${certificate.subject.text} is revoked already`)
        }
        entries.push({ serialNumber: Buffer.from(certificate.serialNumber), revocationDate: thisUpdate, reason })
        note(`revocation (${reason}) of ${certificate.subject.text}, serial number ${certificate.serialNumberHex}`)
      }
      const number = (last?.cRLNumber ?? 0n) + 1n
      const list = await ca.issueCrl({
        issuer: { certificate: root.raw },
        key: sharedKey.key,
        thisUpdate,
        nextUpdate: new Date(thisUpdate.getTime() + listLifetimeDays * dayMs),
        crlNumber: number,
        entries,
      })
      make(listFile(number), list, `revocation list ${number} with ${entries.length} entries`)
    },
    keep({ certificate, issued, crl: list }) {
      make(ROOT_FILE, certificate.raw, `kept: root certificate of ${certificate.subject.text}`)
      for (const issue of issued)
        make(issue.file, issue.certificate.raw, `kept: certificate of ${issue.certificate.subject.text}`)
      make(listFile(list.cRLNumber!), list.raw, `kept: revocation list ${list.cRLNumber}`)
    },
    async finish(root) {
      note('end of the ceremony; the root key is put away')
      const transcript: Transcript = {
        version: 1,
        number: options.number,
        kind: options.kind,
        tool: options.tool,
        rehearsal: options.rehearsal,
        place: options.place,
        people: options.people,
        root: options.root,
        keyId: sharedKey.keyId,
        sharing: options.sharing,
        begunAt: begunAt.toISOString(),
        endedAt: clock.now().toISOString(),
        steps,
        taken: digestsOf(taken),
        made: digestsOf(made),
      }
      return new Map([...made, ...(await writeTranscript(transcript, root.raw, sharedKey.key))])
    },
  }
}

const earlier = (a: Date, b: Date | undefined): Date => (b !== undefined && b < a ? b : a)

function encodeSubject(
  country: string,
  { organisation, commonName }: { organisation: string; commonName: string },
): Uint8Array {
  try {
    return x509.encodeName([
      ['C', country],
      ['O', organisation],
      ['CN', commonName],
    ])
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'the name cannot be written'
    throw new PkiServiceError('CEREMONY_NAME_REFUSED', why, { cause })
  }
}

/** One name, one key: neither the root's own nor one that was certified before. */
function checkAgainst(
  request: Pick<ca.CertificateSigningRequest, 'subject' | 'subjectPublicKeyInfo'>,
  name: string,
  root: x509.Certificate,
  issued: RootFolder['issued'],
): void {
  const refuse = (why: string) => new PkiServiceError('CEREMONY_REQUEST_REFUSED', `${name}: ${why}`)
  const known = [root, ...issued.map(({ certificate }) => certificate)]
  const isSame = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0
  if (known.some(({ subjectPublicKeyInfo }) => isSame(subjectPublicKeyInfo, request.subjectPublicKeyInfo))) {
    throw refuse('its key was certified before')
  }
  if (known.some(({ subject }) => subject.matchKey === request.subject.matchKey)) {
    throw refuse('its subject is the name of another certificate of this root')
  }
  if (isTestName(request.subject.text)) throw refuse('TEST stands in its name')
}
