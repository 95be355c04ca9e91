// Receipts of the verifier's own process: a key that the house certified comes in a PKCS #12 file and stays in a store of this process.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createKeyStore } from '../key-store/index.ts'
import type { JwsSigner } from '../licence-format/index.ts'
import { x509 } from '../pki/index.ts'
import type { Clock, Ids, Log } from '../platform/index.ts'
import type { Timestamper } from '../seal-service/index.ts'
import { createReceipts, type Receipts } from '../verifier/bundle/index.ts'
import { VerifierError } from '../verifier/http/index.ts'
import { CommandError } from './errors.ts'
import { stampWith } from './receipts.ts'

const KEY = 'receipt-signer'

export interface VerifierReceiptsOptions {
  /** PKCS #12: the key, its certificate, those above it. */
  readonly keyFile: string
  /** Its first line opens the file. */
  readonly passphraseFile: string
  /** Roots that stand above lists and receipts, DER. */
  readonly anchors: readonly Uint8Array[]
  /** Left out: receipts carry no stamp, and are believed as long as the certificate lives. */
  readonly timestamper?: Timestamper
  readonly ids: Pick<Ids, 'bytes'>
  readonly clock: Clock
  readonly log: Log
}

export interface VerifierReceipts extends Receipts {
  /** Lets the key go. */
  close(): Promise<void>
}

/**
 * Opens the key. Throws RECEIPT_KEY_REFUSED where it is none of this process's roots, or made for something else: a receipt that nobody
 * believes is not signed; and the refusals of the key store for a file or passphrase that is wrong.
 */
export async function openVerifierReceipts(options: VerifierReceiptsOptions): Promise<VerifierReceipts> {
  const { clock, log, timestamper } = options
  const [file, passphrase] = await Promise.all([readFile(options.keyFile), readFile(options.passphraseFile, 'utf8')])
  // Sealed under a passphrase that nobody keeps: what a crash leaves behind opens for nobody.
  const folder = await mkdtemp(join(tmpdir(), 'zhengyin-receipts-'))
  const close = () => rm(folder, { recursive: true, force: true })
  try {
    const own = Buffer.from(options.ids.bytes(32)).toString('base64url')
    const store = await createKeyStore({ folder: join(folder, 'keys'), passphrase: own, clock })
    const act = { by: 'verifier', reason: 'RECEIPT_KEY' }
    const password = passphrase.split(/\r?\n/, 1)[0]!
    const { key, certificates } = await store.importPkcs12(KEY, new Uint8Array(file), password, act)
    const signer = { key, chain: certificates.filter((der) => !isRoot(der)) }
    await requireBelieved(signer, options)
    const receipts = createReceipts({
      signer: async () => {
        const { notAfter } = x509.parseCertificate(signer.chain[0]!)
        if (clock.now() <= notAfter) return signer
        throw new VerifierError('VERIFICATION_FORMAT_UNAVAILABLE', 'the certificate of the receipt key has ended')
      },
      ...(timestamper && { stamp: stampWith(timestamper) }),
      async record({ receiptDigest }) {
        log.info('a receipt was signed', { receiptDigest })
      },
      now: () => clock.now(),
    })
    return {
      ...receipts,
      async close() {
        await store.close()
        await close()
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

const isRoot = (der: Uint8Array): boolean => {
  const { subject, issuer } = x509.parseCertificate(der)
  return subject.matchKey === issuer.matchKey
}

async function requireBelieved({ chain }: JwsSigner, { anchors, clock }: VerifierReceiptsOptions): Promise<void> {
  const [leaf, ...intermediates] = chain
  if (!leaf) throw new CommandError('RECEIPT_KEY_REFUSED', 'RECEIPT_KEY holds no certificate of its key')
  const path = await x509.validatePath({ leaf, intermediates, anchors, purpose: 'receipt', at: clock.now() })
  if (!path.valid)
    throw new CommandError('RECEIPT_KEY_REFUSED', `nobody would believe RECEIPT_KEY: ${path.reason}, ${path.detail}`)
}
