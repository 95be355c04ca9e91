// What the seal service asks of the PKI, when both run in one process.
import type { TrustedService } from '../licence-format/index.ts'
import { x509 } from '../pki/index.ts'
import { type PkiService, PkiServiceError } from '../pki-service/index.ts'
import type { Clock } from '../platform/index.ts'
import type { CertificateRevoker, RevocationAnswer, RevocationSource, Timestamper } from '../seal-service/index.ts'

/** The house's own time-stamping authority. */
export function timestamperOf(pki: PkiService, clock: Clock): Timestamper {
  return {
    async stamp(imprints) {
      const before = pki.timeStampChain()
      const tokens = await pki.timeStamp(imprints)
      // The signer may have changed meanwhile: then both chains are told.
      const after = pki.timeStampChain()
      const isSame = Buffer.compare(before[0]!, after[0]!) === 0
      const stampedBy = new Date(Math.floor(clock.now().getTime() / 1000) * 1000)
      return { tokens, certificates: isSame ? after : [...after, ...before], stampedBy }
    },
    maxTokenLength: () => pki.maxTimeStampLength(),
  }
}

/** The answers of the house's own authorities; about certificates of others those of the responders and lists they name. */
export function revocationOf(pki: PkiService, outside?: RevocationSource): RevocationSource {
  return {
    async answers(certificates, notBefore, issuers) {
      const ownIssuers = new Set(pki.caCertificates().map((ca) => keyIdentifierOf(x509.parseCertificate(ca))))
      const isOwn = (certificate: Uint8Array) => ownIssuers.has(issuerOf(x509.parseCertificate(certificate)))
      const foreign = outside === undefined ? [] : certificates.filter((certificate) => !isOwn(certificate))
      const own = certificates.filter((certificate) => !foreign.includes(certificate))
      const [ours, theirs] = await Promise.all([
        own.length === 0 ? [] : pki.revocationAnswers(own, notBefore),
        foreign.length === 0 ? [] : outside!.answers(foreign, notBefore, issuers),
      ])
      const answers = new Map<Uint8Array, RevocationAnswer>([
        ...own.map((one, at) => [one, { kind: 'ocsp', der: ours[at]! }] as const),
        ...foreign.map((one, at) => [one, theirs[at]!] as const),
      ])
      return certificates.map((certificate) => answers.get(certificate)!)
    },
  }
}

type Certificate = ReturnType<typeof x509.parseCertificate>

const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex')
const keyIdentifierOf = ({ subject, subjectKeyIdentifier }: Certificate) =>
  `${subject.matchKey} ${hex(subjectKeyIdentifier)}`
const issuerOf = ({ issuer, authorityKeyIdentifier }: Certificate) =>
  `${issuer.matchKey} ${hex(authorityKeyIdentifier?.keyIdentifier)}`

const KINDS = {
  'status-list-signer': 'status-list',
  'trust-list-signer': 'trust-list',
  'time-stamp-signer': 'time-stamp',
} as const

/** The certificates of the operator that the trust list names. */
export function operatorServices(pki: PkiService): TrustedService[] {
  return [...pki.certificates()].flatMap(([name, certificate]) => {
    // A later generation is named after the first: time-stamp-signer-2.
    const kind = Object.entries(KINDS).find(([first]) => name === first || name.startsWith(`${first}-`))?.[1]
    if (kind === undefined) return []
    return [{ kind, certificate, states: [{ state: 'granted', since: x509.parseCertificate(certificate).notBefore }] }]
  })
}

/** Revokes what the house certified; what others certified, and what is revoked already, stays as it is. */
export function revokerOf(pki: Pick<PkiService, 'certificateStatus' | 'revokeCertificate'>): CertificateRevoker {
  return async (certificate, since, cause) => {
    const { serialNumberHex } = x509.parseCertificate(certificate)
    const status = await pki.certificateStatus(serialNumberHex)
    if (status === undefined) return false
    try {
      await pki.revokeCertificate(serialNumberHex, cause, since)
    } catch (error) {
      const isElsewhere = error instanceof PkiServiceError && error.code === 'PKI_TRANSITION_FORBIDDEN'
      if (!isElsewhere) throw error
      return (await pki.certificateStatus(serialNumberHex))?.state === 'revoked'
    }
    return true
  }
}
