// The verifier's receipts in one process: its key in its own store, a certificate from the PKI, a stamp, a line for each use.
import type { KeyStore } from '../key-store/index.ts'
import type { JwsSigner } from '../licence-format/index.ts'
import { type SigningKey, x509 } from '../pki/index.ts'
import type { PkiService } from '../pki-service/index.ts'
import type { Clock, Log } from '../platform/index.ts'
import type { Timestamper } from '../seal-service/index.ts'
import { createReceipts, type Receipts } from '../verifier/bundle/index.ts'

const KEY = 'receipt-signer'
/** A key signs for two years; its certificate is believed for three years more. */
const USED_MS = 2 * 365 * 86_400_000

/** Verifies for the made-up city; the code has valid check characters. */
const demonstrationVerifier = { organisation: '云汀市电子证照核验中心', organisationCode: '11330199MB3301400C' }

export interface HouseReceiptsOptions {
  /** The verifier's own. */
  readonly keyStore: KeyStore
  readonly pki: Pick<PkiService, 'certify' | 'certificates' | 'offers'>
  readonly timestamper: Timestamper
  readonly isProduction: boolean
  readonly clock: Clock
  readonly log: Log
}

/**
 * Signs receipts in the name of whoever runs the lists; undefined where nobody can certify the key, or no code of the operator is known.
 * Key and certificate are made with the first receipt. The key store counts every signature.
 */
export function createHouseReceipts(options: HouseReceiptsOptions): Receipts | undefined {
  const { pki, isProduction, timestamper, clock, log } = options
  const operator = operatorOf(pki) ?? (isProduction ? undefined : demonstrationVerifier)
  if (!operator || !pki.offers('receipt')) return undefined
  const signer = createSigner(options, operator)
  return createReceipts({
    signer,
    async stamp(digest) {
      const { tokens, certificates } = await timestamper.stamp([digest])
      return { token: tokens[0]!, certificates }
    },
    async record({ receiptDigest }) {
      log.info('a receipt was signed', { receiptDigest })
    },
    now: () => clock.now(),
  })
}

type Operator = typeof demonstrationVerifier

/** Whom the CA of the lists names, if it says by which code. */
function operatorOf(pki: Pick<PkiService, 'certificates'>): Operator | undefined {
  const listCa = pki.certificates().get('list-ca')
  if (!listCa) return undefined
  const { subject } = x509.parseCertificate(listCa)
  const organisation = x509.findAttribute(subject, 'O')
  const organisationCode = x509.findAttribute(subject, 'organizationIdentifier')?.replace(/^NTRCN-/, '')
  return organisation && organisationCode ? { organisation, organisationCode } : undefined
}

function createSigner({ keyStore, pki, clock }: HouseReceiptsOptions, operator: Operator): () => Promise<JwsSigner> {
  let opened: { readonly until: number; readonly signer: Promise<JwsSigner> } | undefined
  const certify = async (key: SigningKey) => {
    const subject = { ...operator, commonName: '核验回执 Verification Receipts' }
    const { certificate, chain } = await pki.certify({ profile: 'receipt', subject, publicKey: key.publicKey })
    // Readers have the root: a receipt carries what leads to it.
    return { key, certificate, chain: [certificate, ...chain.slice(0, -1)] }
  }
  const open = async (now: Date): Promise<JwsSigner> => {
    if (!keyStore.list().includes(KEY)) await keyStore.generate(KEY, 'ec-p256')
    const current = await certify(keyStore.signingAt(KEY, now).key)
    const since = x509.parseCertificate(current.certificate).notBefore
    if (now.getTime() - since.getTime() < USED_MS) return current
    const act = { by: 'verifier', reason: 'the receipt key was used for two years', signsFrom: now }
    return certify((await keyStore.rotate(KEY, act)).key)
  }
  return () => {
    const now = clock.now()
    if (opened && now.getTime() < opened.until) return opened.signer
    const signer = open(now)
    // Looked at once a day, and again at once where it failed.
    opened = { until: now.getTime() + 86_400_000, signer }
    signer.catch(() => {
      if (opened?.signer === signer) opened = undefined
    })
    return signer
  }
}
