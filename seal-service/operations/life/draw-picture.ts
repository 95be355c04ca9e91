import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { deflate } from 'node:zlib'
import type { Dependencies } from '../../dependencies.ts'
import { drawSealPicture } from '../../domain/seal-picture.ts'
import type { SealPictureSpec } from '../../domain/seal-picture-spec.ts'
import type { SealPicture } from '../../store/seals.ts'

const deflateAsync = promisify(deflate)

/** Draws what a seal's picture is made from, as it is kept. Throws the refusals of drawing. */
export async function drawPicture({ outlines }: Dependencies, spec: SealPictureSpec): Promise<SealPicture> {
  const picture = drawSealPicture(spec, outlines)
  const pictureContent = await deflateAsync(picture.content, { level: 9 })
  return {
    pictureContent,
    pictureResources: picture.resources,
    pictureSvg: picture.svg,
    pictureDigest: createHash('sha256').update(pictureContent).digest(),
  }
}
