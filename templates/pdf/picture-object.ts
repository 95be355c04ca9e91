import { TemplateError } from '../errors.ts'
import { readJpegFrame, withoutOrientation } from '../pictures/jpeg.ts'
import { PictureFault } from '../pictures/picture-fault.ts'
import { readPngParts } from '../pictures/png.ts'
import type { ObjectWriter } from './object-writer.ts'

/** Matrices that show a unit square turned and mirrored as EXIF says, orientations 1 … 8. */
const orientations = [
  '1 0 0 1 0 0',
  '-1 0 0 1 1 0',
  '-1 0 0 -1 1 1',
  '1 0 0 -1 0 1',
  '0 -1 -1 0 1 1',
  '0 -1 1 0 0 1',
  '0 1 1 0 0 0',
  '0 1 -1 0 1 0',
]

const jpegStart = 0xff

/** Writes a picture that `readPicture` made as an XObject that fills the unit square; its compressed data go in as they are. */
export function writePicture(objects: ObjectWriter, bytes: Uint8Array): number {
  try {
    return bytes[0] === jpegStart ? writeJpeg(objects, bytes) : writePng(objects, bytes)
  } catch (cause) {
    if (!(cause instanceof PictureFault)) throw cause
    throw new TemplateError('PICTURE_INVALID', 'a picture is not as it was when its licence was entered', { cause })
  }
}

function imageEntries(width: number, height: number, components: number): string {
  const space = components === 1 ? 'DeviceGray' : 'DeviceRGB'
  return `/Type/XObject/Subtype/Image/Width ${width}/Height ${height}/ColorSpace/${space}/BitsPerComponent 8`
}

function writeJpeg(objects: ObjectWriter, bytes: Uint8Array): number {
  const { width, height, components, orientation } = readJpegFrame(bytes)
  const image = objects.allot()
  objects.stream(image, `${imageEntries(width, height, components)}/Filter/DCTDecode`, withoutOrientation(bytes))
  if (orientation === 1) return image
  const form = objects.allot()
  const content = new TextEncoder().encode(`${orientations[orientation - 1]} cm /I Do`)
  objects.stream(form, `/Type/XObject/Subtype/Form/BBox[0 0 1 1]/Resources<</XObject<</I ${image} 0 R>>>>`, content)
  return form
}

function writePng(objects: ObjectWriter, bytes: Uint8Array): number {
  const { width, height, components, stream } = readPngParts(bytes)
  const number = objects.allot()
  const predictor = `/DecodeParms<</Predictor 15/Colors ${components}/Columns ${width}>>`
  objects.stream(number, `${imageEntries(width, height, components)}/Filter/FlateDecode${predictor}`, stream)
  return number
}
