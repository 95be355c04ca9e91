// A type whose documents are uploaded (批文), defined, drawn and assigned over the API; and documents to hand in.
import { degrees, PDFDocument, StandardFonts } from '@cantoo/pdf-lib'
import type { TypeEntry } from '../../licence-service/domain/type-entry.ts'
import { listTemplates } from '../../templates/index.ts'
import { departments, type House } from '../support/service.ts'
import { type Desk, parkingEntry, publishTemplate, publishType } from './catalogue-desk.ts'

const authorityCode = departments[0].code

export const approvalType = `${authorityCode}201`
const approvalEntry: TypeEntry = {
  ...parkingEntry,
  name: { zh: '建设项目用地批复', en: 'Approval of land for construction' },
  category: 'approval',
  items: [],
  secondPerson: [],
  sharing: { class: 'unconditional', fields: ['holderName'] },
  statusWords: {},
  body: 'uploaded',
}

export const holder = { holderName: '云汀市沐禾食品有限公司', holderCode: '91330199MA7E4K2Q42' }

/** Publishes the type with its template and assigns it with a seal; `change` may alter the definition. */
export async function openApprovals(
  desk: Desk,
  change: (definition: Record<string, unknown>) => Record<string, unknown> = (definition) => definition,
): Promise<void> {
  await publishType(desk, approvalType, approvalEntry)
  const { definition } = (await desk.call('editor', 'GET', `/api/templates/${approvalType}/draft`)).json
  await publishTemplate(desk, approvalType, change(definition), null)
  const { json } = await desk.call('editor', 'GET', `/api/templates/${approvalType}/versions`)
  if (json.versions[0].state !== 'published') throw new Error(`not published: ${JSON.stringify(json)}`)
  const assigned = { departmentCode: departments[0].code, sealId: await allowSeal(desk.house) }
  const { status } = await desk.call('reviewer', 'POST', `/api/catalogue/${approvalType}/assignments`, assigned)
  if (status !== 204) throw new Error(`not assigned: ${status}`)
}

/** Lets the department's seal stand on the type; a house that is opened again forgets it. */
export async function allowSeal({ seals }: House): Promise<string> {
  const [{ code, name }] = departments
  const typeCodes = [...listTemplates().map(({ typeCode }) => typeCode), approvalType]
  const [seal] = await seals.makeDemoSeals([{ code, name: name.zh, typeCodes }])
  return seal!.id
}

export interface Shape {
  readonly pages?: number
  readonly size?: readonly [number, number]
  readonly lines?: readonly { readonly text: string; readonly x: number; readonly y: number; readonly page?: number }[]
  readonly turned?: 90 | 180 | 270
  readonly file?: boolean
  readonly script?: boolean
}

/** An approval by another program; `lines` in points from the lower left. */
export async function makeApproval(shape: Shape = {}): Promise<Uint8Array> {
  const document = await PDFDocument.create()
  const font = await document.embedFont(StandardFonts.TimesRoman)
  const [width, height] = shape.size ?? [595.28, 841.89]
  for (let i = 0; i < (shape.pages ?? 2); i++) {
    const page = document.addPage([width, height])
    for (let line = 0; line < 18; line++)
      page.drawText(`${i + 1}.${line + 1} The land is approved for the construction asked for.`, {
        ...{ x: 80, y: height - 120 - line * 22, size: 12, font },
      })
    for (const { text, x, y } of (shape.lines ?? []).filter((one) => (one.page ?? 0) === i))
      page.drawText(text, { x, y, size: 12, font })
    if (shape.turned !== undefined) page.setRotation(degrees(shape.turned))
  }
  if (shape.file === true) await document.attach(new TextEncoder().encode('{}'), 'licence.json', {})
  if (shape.script === true) document.addJavaScript('main', 'app.alert(1)')
  return document.save({ useObjectStreams: false })
}
