import { promisify } from 'node:util'
import { deflate } from 'node:zlib'
import type { Principal } from '../../../platform/index.ts'
import type { Workshop } from '../../dependencies.ts'
import { drawSealPicture } from '../../domain/seal-picture.ts'
import { pictureSizeMm, type SealArtwork, type SealPictureSpec } from '../../domain/seal-picture-spec.ts'
import { SealError } from '../../errors.ts'
import { findLastPicture } from '../../store/drawn-pictures.ts'
import { findMaking, type SealPicture } from '../../store/seals.ts'
import { findSealInSight } from '../life/life-facts.ts'
import { type AlikeSeal, findAlike } from './find-alike.ts'
import { toPagePdf } from './page-pdf.ts'
import { createPainter } from './painter.ts'

/** The forms a picture is handed out in; pixels have a resolution. */
export type PictureForm =
  | { readonly format: 'svg' }
  | { readonly format: 'pdf' }
  | { readonly format: 'png'; readonly dpi: number }

/** Pictures for people: previews, artworks, what was drawn for a seal. */
export interface PictureDesk {
  /** Draws a spec; nothing is kept. Throws `SEAL_PICTURE_REFUSED` with every fault, `SEAL_PICTURE_GLYPH_MISSING`. */
  preview(spec: unknown, form: PictureForm): Promise<Uint8Array | string>
  /** What of an artwork may stand in a spec. Throws `SEAL_ARTWORK_REFUSED`. */
  artwork(bytes: Uint8Array): Promise<SealArtwork>
  /** The picture a seal has; of one not made yet the one drawn last. Throws `SEAL_NOT_FOUND`, `SEAL_NOT_MADE`. */
  picture(principal: Principal, sealId: string, form: PictureForm): Promise<Uint8Array | string>
  /** For reviewers: seals this one may be taken for. Throws `SEAL_NOT_FOUND`. */
  alike(principal: Principal, sealId: string): Promise<AlikeSeal[]>
}

const deflateAsync = promisify(deflate)

export function createPictureDesk(shop: Workshop): PictureDesk {
  const painter = createPainter()
  const give = async (picture: Omit<SealPicture, 'pictureDigest'>, spec: SealPictureSpec, form: PictureForm) => {
    if (form.format === 'svg') return picture.pictureSvg
    if (form.format === 'png') return painter.png(picture.pictureSvg, form.dpi)
    return toPagePdf({ ...picture, ...pictureSizeMm(spec) })
  }
  return {
    async preview(spec, form) {
      const { content, resources, svg } = drawSealPicture(spec as SealPictureSpec, shop.outlines)
      const pictureContent = form.format === 'pdf' ? await deflateAsync(content) : new Uint8Array(0)
      return give({ pictureContent, pictureResources: resources, pictureSvg: svg }, spec as SealPictureSpec, form)
    },
    artwork: (bytes) => painter.artwork(bytes),
    async picture(principal, sealId, form) {
      const seal = await findSealInSight(shop, principal, sealId)
      const making = await findMaking(shop.database, sealId)
      if (making !== undefined) return give(making, seal.picture, form)
      const drawn = await findLastPicture(shop.database, sealId)
      if (drawn === undefined) throw new SealError('SEAL_NOT_MADE', `no picture was drawn for seal ${sealId}`)
      return give(drawn, drawn.spec, form)
    },
    alike: async (principal, sealId) => findAlike(shop, painter, await findSealInSight(shop, principal, sealId)),
  }
}
