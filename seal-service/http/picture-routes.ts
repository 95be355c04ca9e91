import { z } from 'zod'
import { type Answer, type Route, routeDefiner } from '../../platform/http/index.ts'
import type { PictureDesk, PictureForm } from '../operations/pictures/picture-desk.ts'

const pictureRoute = routeDefiner<'seals:read' | 'seals:draw' | 'seals:review'>()

const sealParams = z.object({ sealId: z.string().max(20) })
const resolutions = [300, 600] as const
const mediaTypes = { svg: 'image/svg+xml', png: 'image/png', pdf: 'application/pdf' } as const
/** Room for an artwork's outlines. */
const maxSpecBytes = 256 * 1024
const maxArtworkBytes = 4 * 1024 * 1024

/** Says which picture: its form is read by the drawing, which names every fault at once. */
const specSchema = z
  .looseObject({ shape: z.enum(['round', 'oval', 'invoice', 'square']) })
  .describe('docs/operations/seal-pictures.md names the fields of each shape')

const artworkSchema = z.object({ width: z.number(), height: z.number(), path: z.string() })

/** Previews and artworks for whoever applies and makes, pictures of seals for whoever sees them, likeness for reviewers. */
export function createPictureRoutes(desk: PictureDesk): Route[] {
  const preview = pictureRoute({
    method: 'post',
    path: '/api/seal-pictures/preview',
    permission: 'seals:draw',
    summary: 'Draws a picture at true size; nothing is kept. PNG has transparency and its resolution',
    tag: 'Seal pictures',
    body: z.object({
      picture: specSchema,
      format: z.enum(['svg', 'png', 'pdf']).default('svg'),
      dpi: z.union(resolutions.map((dpi) => z.literal(dpi))).default(300),
    }),
    maxBodyBytes: maxSpecBytes,
    answers: {
      200: { description: 'The picture: image/svg+xml, image/png or application/pdf', contentType: 'image/svg+xml' },
    },
    problems: ['SEAL_PICTURE_REFUSED', 'SEAL_PICTURE_GLYPH_MISSING'],
    async handle({ body }) {
      const form: PictureForm = body.format === 'png' ? { format: 'png', dpi: body.dpi } : { format: body.format }
      return toAnswer(await desk.preview(body.picture, form), form.format, 'no-store')
    },
  })
  const artwork = pictureRoute({
    method: 'post',
    path: '/api/seal-pictures/artworks',
    permission: 'seals:draw',
    summary: 'Reads an artwork (SVG of plain outlines in one ink, or PNG) for the centre of a seal; nothing is kept',
    tag: 'Seal pictures',
    rawBody: { mediaTypes: ['image/svg+xml', 'image/png'], maxBytes: maxArtworkBytes },
    answers: { 200: { description: 'What may stand as `artwork` in a picture', schema: artworkSchema } },
    problems: ['SEAL_ARTWORK_REFUSED'],
    async handle({ bytes }) {
      return { status: 200, json: await desk.artwork(bytes!) }
    },
  })
  const png = pictureRoute({
    method: 'get',
    path: '/api/seals/{sealId}/picture.png',
    permission: 'seals:read',
    summary: 'Picture of a seal in sight, with transparency, at true size',
    tag: 'Seal pictures',
    params: sealParams,
    query: z.object({
      dpi: z.coerce
        .number()
        .pipe(z.union(resolutions.map((dpi) => z.literal(dpi))))
        .default(300),
    }),
    answers: { 200: { description: 'The picture', contentType: mediaTypes.png } },
    problems: ['SEAL_NOT_FOUND', 'SEAL_NOT_MADE'],
    async handle({ principal, params, query }) {
      const picture = await desk.picture(principal, params.sealId, { format: 'png', dpi: query.dpi })
      return toAnswer(picture, 'png', 'private, no-cache')
    },
  })
  const pdf = pictureRoute({
    method: 'get',
    path: '/api/seals/{sealId}/picture.pdf',
    permission: 'seals:read',
    summary: 'Picture of a seal in sight, as a page of its true size',
    tag: 'Seal pictures',
    params: sealParams,
    answers: { 200: { description: 'The picture', contentType: mediaTypes.pdf } },
    problems: ['SEAL_NOT_FOUND', 'SEAL_NOT_MADE'],
    async handle({ principal, params }) {
      return toAnswer(await desk.picture(principal, params.sealId, { format: 'pdf' }), 'pdf', 'private, no-cache')
    },
  })
  const alike = pictureRoute({
    method: 'get',
    path: '/api/seals/{sealId}/alike',
    permission: 'seals:review',
    summary: 'Seals in being that this one may be taken for, by words or by looks',
    tag: 'Seal pictures',
    params: sealParams,
    answers: {
      200: {
        description: 'The seals, nearest first',
        schema: z.object({
          items: z.array(
            z.object({
              sealId: z.string(),
              reason: z.enum(['SAME_WORDS', 'LOOKS_ALIKE']),
              characters: z.number(),
              distance: z.number().nullable(),
            }),
          ),
        }),
      },
    },
    problems: ['SEAL_NOT_FOUND'],
    async handle({ principal, params }) {
      return { status: 200, json: { items: await desk.alike(principal, params.sealId) } }
    },
  })
  return [preview, artwork, png, pdf, alike]
}

function toAnswer(bytes: Uint8Array | string, format: PictureForm['format'], caching: string): Answer {
  return { status: 200, bytes, contentType: mediaTypes[format], headers: { 'Cache-Control': caching } }
}
