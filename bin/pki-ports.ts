// What the seal service asks of the PKI, when both run in one process.
import type { TrustedService } from '../licence-format/index.ts'
import { x509 } from '../pki/index.ts'
import type { PkiService } from '../pki-service/index.ts'
import type { Clock } from '../platform/index.ts'
import type { RevocationSource, Timestamper } from '../seal-service/index.ts'

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

/** The answers of the house's own authorities. */
export const revocationOf = (pki: PkiService): RevocationSource => ({
  answers: (certificates, notBefore) => pki.revocationAnswers(certificates, notBefore),
})

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
