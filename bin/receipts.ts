// Receipts and heads of the ledger in one process: its key in its own store, a certificate from the PKI, a stamp, a line for each use.
import type { KeyStore } from '../key-store/index.ts'
import { isCreditCode, type JwsSigner } from '../licence-format/index.ts'
import { type SigningKey, x509 } from '../pki/index.ts'
import type { PkiService } from '../pki-service/index.ts'
import type { Clock, Log } from '../platform/index.ts'
import type { Timestamper } from '../seal-service/index.ts'
import { createReceipts, type Receipts, type ReceiptsOptions } from '../verifier/bundle/index.ts'
import { CommandError } from './errors.ts'

/** What a key of the house's own is for: its name in the store, the profile of its certificate. */
interface SignerKind {
  readonly keyName: string
  readonly profile: 'receipt' | 'ledger'
  readonly commonName: string
}
/** A key signs for two years; its certificate is believed for three years more. */
const USED_MS = 2 * 365 * 86_400_000

/** Verifies for the made-up city; the code has valid check characters. */
const demonstrationVerifier = { organisation: '云汀市电子证照核验中心', organisationCode: '11330199MB3301400C' }

export interface OperatorOptions {
  readonly pki: Pick<PkiService, 'certificates'>
  readonly isProduction: boolean
  /** Of whoever runs the house, where the list CA names no code. */
  readonly operatorCode?: string
  readonly operatorName?: string
}

export interface HouseReceiptsOptions extends OperatorOptions {
  /** The verifier's own. */
  readonly keyStore: KeyStore
  readonly pki: Pick<PkiService, 'certify' | 'certificates' | 'offers'>
  readonly timestamper: Timestamper
  readonly clock: Clock
  readonly log: Log
}

/**
 * Signs receipts in the name of whoever runs the lists; undefined where nobody can certify the key, or no code of the operator is known.
 * Key and certificate are made with the first receipt. The key store counts every signature. Throws OPERATOR_INVALID.
 */
export function createHouseReceipts(options: HouseReceiptsOptions): Receipts | undefined {
  const { pki, timestamper, clock, log } = options
  const operator = findOperator(options)
  if (!operator || !pki.offers('receipt')) return undefined
  const signer = createSigner(options, operator, {
    keyName: 'receipt-signer',
    profile: 'receipt',
    commonName: '核验回执 Verification Receipts',
  })
  return createReceipts({
    signer,
    stamp: stampWith(timestamper),
    async record({ receiptDigest }) {
      log.info('a receipt was signed', { receiptDigest })
    },
    now: () => clock.now(),
  })
}

/** The stamp of a receipt. */
export const stampWith =
  (timestamper: Timestamper): NonNullable<ReceiptsOptions['stamp']> =>
  async (digest) => {
    const { tokens, certificates } = await timestamper.stamp([digest])
    return { token: tokens[0]!, certificates }
  }

type SignerOptions = Omit<HouseReceiptsOptions, 'timestamper' | 'log'>

/** Signs the receipts of uses of seals, by a key of the seals' own store; undefined as for the verifier's. */
export function createUseReceiptSigner(options: SignerOptions): (() => Promise<JwsSigner>) | undefined {
  const operator = findOperator(options)
  if (!operator || !options.pki.offers('receipt')) return undefined
  return createSigner(options, operator, {
    keyName: 'receipt-signer',
    profile: 'receipt',
    commonName: '用印回执 Receipts of Seal Uses',
  })
}

/** Signs the heads of the seals' ledger, by a key of the seals' own store; undefined as for the verifier's. */
export function createLedgerSigner(options: SignerOptions): (() => Promise<JwsSigner>) | undefined {
  const operator = findOperator(options)
  if (!operator || !options.pki.offers('ledger')) return undefined
  return createSigner(options, operator, {
    keyName: 'ledger-checkpoint',
    profile: 'ledger',
    commonName: '用印台账 Ledger of Seal Uses',
  })
}

type Operator = typeof demonstrationVerifier

/** Who runs a house, for what it signs itself; undefined where nobody says. Throws OPERATOR_INVALID. */
export function findOperator(options: OperatorOptions): Operator | undefined {
  return operatorOf(options) ?? (options.isProduction ? undefined : demonstrationVerifier)
}

/** Whom the CA of the lists names; where it names no code, the operator's own word. A certificate outweighs a setting. */
function operatorOf({ pki, operatorCode, operatorName }: OperatorOptions): Operator | undefined {
  const listCa = pki.certificates().get('list-ca')
  const subject = listCa && x509.parseCertificate(listCa).subject
  const named = subject && x509.findAttribute(subject, 'O')
  const code = subject && x509.findAttribute(subject, 'organizationIdentifier')?.replace(/^NTRCN-/, '')
  if (named && code) return { organisation: named, organisationCode: code }
  if (operatorCode === undefined) return undefined
  const organisation = operatorName ?? named
  if (!isCreditCode(operatorCode))
    throw new CommandError('OPERATOR_INVALID', 'OPERATOR_CODE: expected a unified social credit code (GB 32100)')
  if (!organisation)
    throw new CommandError('OPERATOR_INVALID', 'OPERATOR_NAME: the list CA names no organisation, so it must be said')
  return { organisation, organisationCode: operatorCode }
}

function createSigner(
  { keyStore, pki, clock }: SignerOptions,
  operator: Operator,
  { keyName, profile, commonName }: SignerKind,
): () => Promise<JwsSigner> {
  let opened: { readonly until: number; readonly signer: Promise<JwsSigner> } | undefined
  const certify = async (key: SigningKey) => {
    const subject = { ...operator, commonName }
    const { certificate, chain } = await pki.certify({ profile, subject, publicKey: key.publicKey })
    // Readers have the root: what is signed carries what leads to it.
    return { key, certificate, chain: [certificate, ...chain.slice(0, -1)] }
  }
  const open = async (now: Date): Promise<JwsSigner> => {
    if (!keyStore.list().includes(keyName)) await keyStore.generate(keyName, 'ec-p256')
    const current = await certify(keyStore.signingAt(keyName, now).key)
    const since = x509.parseCertificate(current.certificate).notBefore
    if (now.getTime() - since.getTime() < USED_MS) return current
    const act = { by: 'system', reason: `the key ${keyName} was used for two years`, signsFrom: now }
    return certify((await keyStore.rotate(keyName, act)).key)
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
