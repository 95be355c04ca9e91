import { createHash } from 'node:crypto'
import { revocationOf, timestamperOf } from '../../bin/pki-ports.ts'
import { createKeyStore, type KeyStore } from '../../key-store/index.ts'
import { formatIdentifier, type StatementClaims } from '../../licence-format/index.ts'
import { type Database, type Principal, systemIds } from '../../platform/index.ts'
import {
  createSealService,
  type OutlineSource,
  type Seal,
  type SealRequest,
  type SealService,
  type SealServiceDeps,
} from '../../seal-service/index.ts'
import { glyphOutline, openFonts } from '../../templates/fonts/index.ts'
import { baseUrl, createPkiWorld, type HandClock, makeFolder, type PkiWorld } from '../pki-service/world.ts'

export const market = {
  code: '11330199MB0000001X',
  name: '云汀市市场监督管理局',
  typeCodes: ['11100000MB0143028R001'],
} as const
export const civil = { code: '11330199MB00000025', name: '云汀市民政局', typeCodes: ['11100000MB0143028R002'] } as const
const typeCode = market.typeCodes[0]

export const clerk: Principal = {
  id: 'clerk-1',
  name: '张三',
  kind: 'person',
  departmentCode: market.code,
  roles: ['issuer'],
}

export interface SealWorld {
  readonly database: Database
  readonly pki: PkiWorld
  readonly keyStore: KeyStore
  readonly seals: SealService
  readonly seal: Seal
  another(changed?: Partial<SealServiceDeps>): SealService
  close(): Promise<void>
}

let outlines: OutlineSource | undefined

async function openOutlines(): Promise<OutlineSource> {
  if (outlines === undefined) {
    const { faces } = await openFonts()
    outlines = (codePoint) => glyphOutline(faces['serif-regular'], codePoint)
  }
  return outlines
}

/** PKI and seal service on one database, with the seals of two departments. */
export async function createSealWorld(database: Database, clock?: HandClock): Promise<SealWorld> {
  const pki = await createPkiWorld(database, clock)
  await pki.pki.start()
  const keyStore = await createKeyStore({ folder: makeFolder(), passphrase: 'for tests' })
  const source = await openOutlines()
  const another: SealWorld['another'] = (changed = {}) =>
    createSealService({
      database,
      keyStore,
      certifier: pki.pki,
      timestamper: timestamperOf(pki.pki, pki.clock),
      revocation: revocationOf(pki.pki),
      outlines: source,
      sealMaker: { organisation: '云汀市印章制作中心', organisationCode: '11330199MB3301394C' },
      clock: pki.clock,
      ids: systemIds,
      baseUrl,
      ...changed,
    })
  const seals = another()
  await seals.start()
  const [seal] = await seals.makeDemoSeals([market, civil])
  return {
    database,
    pki,
    keyStore,
    seals,
    seal: seal!,
    another,
    async close() {
      keyStore.close()
      await pki.close()
    },
  }
}

/** An identifier of the market department; every number gives another. */
export function identifierOf(number: number, issuerCode: string = market.code, type: string = typeCode): string {
  return formatIdentifier({ typeCode: type, issuerCode, serial: `TEST${String(number).padStart(16, '0')}`, version: 1 })
}

/** A page of A4 with one line of text, as a PDF with a classic cross-reference table. */
function smallPdf(text = 'licence'): Uint8Array {
  const content = `BT /F1 24 Tf 72 700 Td (${text}) Tj ET`
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ]
  let pdf = '%PDF-1.7\n'
  const offsets = objects.map((object, index) => {
    const offset = pdf.length
    pdf += `${index + 1} 0 obj\n${object}\nendobj\n`
    return offset
  })
  const start = pdf.length
  const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')
  const id = createHash('sha256').update(text).digest('hex').slice(0, 32)
  pdf += `xref\n0 6\n0000000000 65535 f \n${rows}trailer\n<< /Size 6 /Root 1 0 R /ID [<${id}> <${id}>] >>\nstartxref\n${start}\n%%EOF\n`
  return new Uint8Array(Buffer.from(pdf, 'latin1'))
}

/** A request to seal licence `number`; its document differs by the number. */
export function sealRequest(
  world: { readonly seal: Seal },
  number: number,
  changed: Partial<SealRequest> = {},
): SealRequest {
  const pdf = changed.pdf ?? smallPdf(`licence ${number}`)
  return {
    identifier: identifierOf(number),
    typeCode,
    sealId: world.seal.id,
    unsignedDigest: createHash('sha256').update(pdf).digest('hex'),
    place: { page: 0, x: 400, y: 200 },
    ...changed,
    pdf,
  }
}

export function claimsOf(number: number, changed: Partial<StatementClaims> = {}): StatementClaims {
  return {
    identifier: identifierOf(number),
    holder: '云汀市某某有限公司',
    number: `云市监〔2026〕${number}号`,
    validFrom: '2026-11-21',
    validUntil: null,
    dataDigest: createHash('sha256').update(`data ${number}`).digest(),
    statusList: 1,
    statusPlace: number,
    issuedAt: new Date('2026-11-21T08:00:00Z'),
    ...changed,
  }
}
