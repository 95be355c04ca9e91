// What the seal service is given to reach outside: where seals are filed, whom SESeals stand under, what other rooms recorded.
import { readFile } from 'node:fs/promises'
import type { Directory } from '../directory/index.ts'
import { type KeyStore, KeyStoreError } from '../key-store/index.ts'
import type { SigningKey } from '../pki/index.ts'
import { x509 } from '../pki/index.ts'
import type { PkiService } from '../pki-service/index.ts'
import { type Clock, type FilingConfig, type Ids, PlatformError } from '../platform/index.ts'
import {
  type AuditSource,
  createNationalStatusSystem,
  type EsealTrust,
  type NationalStatusSystem,
} from '../seal-service/index.ts'
import { readCertificateFile } from './commands/certificate-files.ts'

const FILING_KEY = 'filing'

export interface StatusSystemDeps {
  /** The seal service's own. */
  readonly keyStore: KeyStore
  readonly pki: Pick<PkiService, 'certify'>
  readonly isProduction: boolean
  readonly clock: Clock
  readonly ids: Ids
}

/**
 * The client of the national status system with the SM2 key `filing` of the seals' key store. Outside production a key is made and certified
 * by the house where none is configured. Throws CONFIG_INVALID for secrets or a certificate that do not fit.
 */
export async function openStatusSystem(config: FilingConfig, deps: StatusSystemDeps): Promise<NationalStatusSystem> {
  const { secret, password, salt } = await readSecrets(config.secretsFile)
  const key = deps.isProduction ? deps.keyStore.get(FILING_KEY) : await openFilingKey(deps.keyStore)
  const certificate = config.certificateFile
    ? await readCertificateFile(config.certificateFile)
    : await certifyForTrial(key, deps)
  if (Buffer.compare(x509.parseCertificate(certificate).subjectPublicKeyInfo, key.publicKey) !== 0)
    throw new PlatformError(
      'CONFIG_INVALID',
      `FILING_CERTIFICATE is not of the key ${FILING_KEY} in the seals' key store`,
    )
  const { url, appKey, username } = config
  const peer = config.peerFile ? await readCertificateFile(config.peerFile) : undefined
  return createNationalStatusSystem({
    ...{ url, appKey, username, secret, password, salt, key, certificate },
    ...(peer && { peer }),
    clock: deps.clock,
    ids: deps.ids,
  })
}

/** A file for its owner's eyes: secrets in the environment are seen by whoever sees the process. */
async function readSecrets(path: string): Promise<{ secret: string; password: string; salt: string }> {
  const invalid = (cause?: unknown) =>
    new PlatformError(
      'CONFIG_INVALID',
      'FILING_SECRETS: expected a JSON file with the texts secret, password and salt',
      {
        ...(cause !== undefined && { cause }),
      },
    )
  let value: Record<string, unknown>
  try {
    value = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
  } catch {
    // The parser's words quote the file.
    throw invalid()
  }
  const { secret, password, salt } = value ?? {}
  if (typeof secret !== 'string' || typeof password !== 'string' || typeof salt !== 'string') throw invalid()
  return { secret, password, salt }
}

/** The key with which seals are filed, made where there is none. */
export async function openFilingKey(keyStore: KeyStore): Promise<SigningKey> {
  try {
    return keyStore.get(FILING_KEY)
  } catch (error) {
    if (!(error instanceof KeyStoreError && error.code === 'KEY_NOT_FOUND')) throw error
    return keyStore.generate(FILING_KEY, 'sm2')
  }
}

async function certifyForTrial(key: SigningKey, { pki, isProduction }: StatusSystemDeps): Promise<Uint8Array> {
  if (isProduction) throw new PlatformError('CONFIG_INVALID', 'FILING_CERTIFICATE: required in production')
  const subject = { organisation: '云汀市印章制作中心', organisationCode: '11330199MB3301394C', commonName: '印章备案' }
  return (await pki.certify({ profile: 'sm2-seal', subject, publicKey: key.publicKey })).certificate
}

/** The house's own SM2 root, and its roots for time stamps. */
export async function esealTrustOf(pki: PkiService): Promise<EsealTrust> {
  const { anchors, intermediates, crls } = await pki.sm2Trust()
  return { anchors, intermediates, crls: [...crls, ...(await pki.crls())], timeStampAnchors: pki.anchors() }
}

/** What was done to departments, people and machines. */
export function auditSourceOf(directory: Pick<Directory, 'auditEntries'>): AuditSource {
  return {
    name: 'directory',
    async read(departmentCodes, after, most) {
      const entries = await directory.auditEntries({ departmentCodes, after, limit: most })
      return entries.map(({ sequence, at, departmentCode, ...record }) => ({ sequence, at, departmentCode, record }))
    },
  }
}
