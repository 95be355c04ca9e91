import { x509 } from '../../../pki/index.ts'
import type { Dependencies } from '../../dependencies.ts'
import { listUndated, recordValidUntil } from '../../store/seals.ts'

/** Writes down until when seals serve that were made before this was kept. */
export async function dateSeals({ database }: Dependencies): Promise<void> {
  for (const { id, certificate } of await listUndated(database))
    await recordValidUntil(database, id, x509.parseCertificate(certificate).notAfter)
}
