import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { deflate } from 'node:zlib'
import type { Dependencies, Workshop } from '../../dependencies.ts'
import { drawSealPicture, isPictureSpec, validatePictureSpec } from '../../domain/seal-picture.ts'
import type { SealPictureSpec } from '../../domain/seal-picture-spec.ts'
import { SealError } from '../../errors.ts'
import { insertPicture } from '../../store/drawn-pictures.ts'
import type { SealPicture } from '../../store/seals.ts'
import { act, type Call, type EventDraft, type Held, type LifeAnswer } from './act.ts'
import type { RequestFor } from './act-request.ts'

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

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** Draws the picture of an approved seal, as applied for or with what its maker found better: it is approved by another person. */
export function drawForSeal(shop: Workshop, call: Call, request: RequestFor<'draw'>): Promise<LifeAnswer> {
  return act(shop, call, async ({ seal }) => {
    const spec = request.picture === undefined ? seal.picture : readSpec(shop, request.picture)
    const picture = await drawPicture(shop, spec)
    return async ({ tx, at }): Promise<EventDraft> => {
      const drawn = { ...picture, sealId: seal.id, spec, drawnBy: call.principal.id, at }
      const version = await insertPicture(tx, drawn)
      return { reason: null, detail: { version, digest: hex(picture.pictureDigest) } }
    }
  })
}

function readSpec({ outlines }: Workshop, given: unknown): SealPictureSpec {
  if (isPictureSpec(given, outlines)) return given
  const faults = validatePictureSpec(given, outlines)
  throw new SealError('SEAL_PICTURE_REFUSED', `${faults.length} fault(s) in the picture`, {
    faults: faults.map((fault) => ({ ...fault, pointer: `/picture${fault.pointer}` })),
  })
}

/** The picture that was looked at is the one that is approved. */
export async function approvePicture(
  { pictureDigest }: RequestFor<'approve-picture'>,
  { facts }: Held,
): Promise<EventDraft> {
  const { version, digest } = facts.picture!
  if (hex(digest) !== pictureDigest.toLowerCase())
    throw new SealError('SEAL_APPLICATION_CHANGED', 'another picture was drawn meanwhile: look at it first')
  return { reason: null, detail: { version, digest: hex(digest) } }
}
