// The page of a licence whose document was uploaded: the document with QR code, licence data, statement and metadata added, ready to be sealed.
import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import {
  type CopyFacts,
  LICENCE_DATA_FILE,
  type LicenceBody,
  licenceXmp,
  STATEMENT_FILE,
} from '../../../licence-format/index.ts'
import { dressDocument, PadesError, type PlacedPicture } from '../../../pades/write/index.ts'
import { bodyMarkArea, drawBodyMark, drawCopyMarks, type FontSet, TemplateError } from '../../../templates/index.ts'
import { bodyRefused, placeRefused, SEAL_SIDE, sealArea } from '../../domain/body.ts'
import type { LicenceError } from '../../errors.ts'
import type { PageToRender, RenderedPage } from '../../ports/renderer.ts'
import type { Deps } from '../deps.ts'
import { readBody, toPoints } from './waiting-bodies.ts'

type Drawn = RenderedPage | { readonly ok: false; readonly error: Error }

const producer = 'Zhengyin'

/**
 * Draws pages, or dresses the documents that some of them are: an outcome for each, in order. Same input, same bytes. Documents come one
 * after the other, since each may be large.
 */
export async function drawPages(deps: Deps, pages: readonly PageToRender[]): Promise<Drawn[]> {
  const drawn = pages.filter(({ data }) => !data.body)
  const rendered = drawn.length === 0 ? [] : [...(await deps.render(drawn))]
  const outcomes: Drawn[] = []
  for (const page of pages) {
    if (!page.data.body) {
      outcomes.push(rendered.shift()!)
      continue
    }
    outcomes.push(dressLicence(deps.fonts, page, page.data.body))
    await setImmediate()
  }
  return outcomes
}

function dressLicence(fonts: FontSet, page: PageToRender, body: LicenceBody): Drawn {
  const { data, licenceJson, statementText, pictures, createdAt } = page
  const uploaded = pictures.get(body.digest)
  if (!uploaded)
    return { ok: false, error: new TemplateError('PICTURE_MISSING', 'the document the data name was not given') }
  try {
    const marked = data.copy ? markCopy(fonts, uploaded, data.copy, createdAt) : uploaded
    const mark = markOf(fonts, body, { statementText, number: data.number })
    const pdf = dressed(() =>
      dressDocument(marked, {
        pictures: [mark],
        files: [
          {
            ...{ name: LICENCE_DATA_FILE, bytes: licenceJson, mediaType: 'application/json', relationship: 'Data' },
            description: '证照数据 Licence data',
          },
          {
            ...{ name: STATEMENT_FILE, bytes: Buffer.from(statementText), mediaType: 'text/plain' },
            ...{ relationship: 'Supplement', description: '二维码内容 Text of the QR code' },
          },
        ],
        xmp: licenceXmp(data, { createdAt, producer }),
        modifiedAt: createdAt,
      }),
    )
    const { page: sealPage, x, y } = body.seal
    const sealCentre = { page: sealPage, x: toPoints(x), y: toPoints(y) }
    return { ok: true, pdf, sealCentre, unsignedDigest: createHash('sha256').update(pdf).digest('hex') }
  } catch (error) {
    if (!(error instanceof TemplateError) && !isRefusal(error)) throw error
    return { ok: false, error }
  }
}

/** A copy bears its words across every page, as a drawn one does: pages of one size share one form. */
function markCopy(fonts: FontSet, pdf: Uint8Array, facts: CopyFacts, modifiedAt: Date): Uint8Array {
  const pages = readBody(pdf).pages.map((size, page) => ({ ...size, page }))
  const pictures = [...Map.groupBy(pages, ({ width, height }) => `${width} ${height}`).values()].map(
    (alike): PlacedPicture => {
      const { width, height } = alike[0]!
      const marks = alike.map(({ page }) => ({ page, x: 0, y: 0, width, height }))
      const appearance = {
        ...drawCopyMarks(fonts, facts, { width, height }),
        bbox: [0, 0, width, height],
        deflated: true,
      } as const
      return { appearance, marks, mayCover: true }
    },
  )
  return dressed(() => dressDocument(pdf, { pictures, files: [], xmp: new Uint8Array(), modifiedAt }))
}

/** What becomes of a code that would lie over text: refused, or, for whoever looks for a better place, shown. */
export type Covering = 'refuse' | 'show'

/**
 * The document as it would look: an empty frame in place of the QR code, a ring in place of the seal. Nothing in it can be verified.
 * @throws LicenceError LICENCE_BODY_REFUSED, LICENCE_BODY_PLACE_REFUSED
 */
export function dressPreview(
  fonts: FontSet,
  pdf: Uint8Array,
  body: LicenceBody,
  at: Date,
  covering: Covering,
): Uint8Array {
  const bare = { files: [], xmp: new Uint8Array(), modifiedAt: at }
  const marked = dressed(() =>
    dressDocument(pdf, {
      ...bare,
      pictures: [covering === 'show' ? frame(body) : markOf(fonts, body, { statementText: '', number: '0000' })],
    }),
  )
  return dressed(() => dressDocument(marked, { ...bare, pictures: [ring(body)] }))
}

function markOf(
  fonts: FontSet,
  { qr }: LicenceBody,
  text: { readonly statementText: string; readonly number: string },
): PlacedPicture {
  const { content, width, height } = drawBodyMark(fonts, { ...text, size: qr.size })
  const { page, x, y } = bodyMarkArea(qr)
  return {
    appearance: { content, bbox: [0, 0, width, height] },
    marks: [{ page, x: toPoints(x), y: toPoints(y), width, height }],
    mayCover: false,
  }
}

/** Where the code would stand, with what it would cover. */
function frame({ qr }: LicenceBody): PlacedPicture {
  const area = bodyMarkArea(qr)
  const [width, height] = [toPoints(area.width), toPoints(area.height)]
  const content = new TextEncoder().encode(`0.8 0.1 0.1 RG 2 w 1 1 ${width - 2} ${height - 2} re S\n`)
  return {
    appearance: { content, bbox: [0, 0, width, height] },
    marks: [{ page: area.page, x: toPoints(area.x), y: toPoints(area.y), width, height }],
    mayCover: true,
  }
}

/** Where the seal will stand: by custom it may lie over text (骑年盖月), which shows through it. */
function ring({ seal }: LicenceBody): PlacedPicture {
  const side = toPoints(SEAL_SIDE)
  const { page, x, y } = sealArea(seal)
  const r = side / 2
  const k = r * 0.5523
  const arcs = [
    `0 ${r} m`,
    `0 ${r + k} ${r - k} ${side} ${r} ${side} c`,
    `${r + k} ${side} ${side} ${r + k} ${side} ${r} c`,
    `${side} ${r - k} ${r + k} 0 ${r} 0 c`,
    `${r - k} 0 0 ${r - k} 0 ${r} c`,
  ]
  const content = new TextEncoder().encode(`0.8 0.1 0.1 RG 2 w [6 4] 0 d\n${arcs.join('\n')}\ns\n`)
  return {
    appearance: { content, bbox: [0, 0, side, side] },
    marks: [{ page, x: toPoints(x), y: toPoints(y), width: side, height: side }],
    mayCover: true,
  }
}

const isRefusal = (error: unknown): error is LicenceError =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('LICENCE_BODY_')

const ofPlace: ReadonlySet<string> = new Set(['PADES_PLACE_TAKEN', 'PADES_PLACEMENT_INVALID', 'PADES_PAGE_NOT_FOUND'])

function dressed(work: () => Uint8Array): Uint8Array {
  try {
    return work()
  } catch (cause) {
    if (!(cause instanceof PadesError)) throw cause
    if (ofPlace.has(cause.code)) throw placeRefused('qr', cause.code, cause.message, cause)
    throw bodyRefused(cause.code, cause.message, cause)
  }
}
