import { migrate, packagePath } from '../platform/index.ts'
import type { Files } from './ceremony/index.ts'
import type { Dependencies } from './dependencies.ts'
import { type CrossImport, type CrossReport, importCross } from './operations/import-cross.ts'
import { importOutside } from './operations/import-outside.ts'
import { importRoot } from './operations/import-root.ts'
import { listStranded } from './operations/list-stranded.ts'
import { type MadeRequests, makeRequests, type RequestOptions } from './operations/make-requests.ts'
import type { ImportReport } from './operations/record-import.ts'

/** The way between this installation and a root that is offline. Works before the service can start. */
export interface PkiIntake {
  /** Makes keys and requests for a root to certify; a repeat hands out the same. Throws `PKI_REQUEST_REFUSED`. */
  makeRequests(options: RequestOptions): Promise<MadeRequests>
  /**
   * Takes the folder of a root into the register, all or nothing; a running service sees new authorities at its next start or rotation.
   * Throws `PKI_IMPORT_REFUSED`, `PKI_TEST_ROOT_IN_PRODUCTION`, `CEREMONY_FOLDER_DAMAGED`, `CEREMONY_TRANSCRIPT_WRONG`.
   */
  importRoot(files: Files): Promise<ImportReport>
  /**
   * Takes what an outside authority signed for our requests: `anchor.cer`, its list, our certificates. Throws `PKI_IMPORT_REFUSED`,
   * `PKI_TEST_ROOT_IN_PRODUCTION`, `CEREMONY_FOLDER_DAMAGED`.
   */
  importOutside(files: Files): Promise<ImportReport>
  /**
   * Takes a cross certificate that another city gave our root, to be published and to go with documents. Throws `PKI_IMPORT_REFUSED`.
   */
  importCross(request: CrossImport): Promise<CrossReport>
  /** Those of these certificates (DER) that stand under an authority of ours that is revoked: what uses them must be renewed. */
  stranded(certificates: readonly Uint8Array[]): Promise<Uint8Array[]>
}

/** Migrates the schema and opens the intake. */
export async function openPkiIntake(deps: Dependencies): Promise<PkiIntake> {
  await migrate(deps.database, { schema: 'pki', folder: packagePath('pki-service', 'store', 'migrations') })
  return {
    makeRequests: (options) => makeRequests(deps, options),
    importRoot: (files) => importRoot(deps, files),
    importOutside: (files) => importOutside(deps, files),
    importCross: (request) => importCross(deps, request),
    stranded: (certificates) => listStranded(deps, certificates),
  }
}
