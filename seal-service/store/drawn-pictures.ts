import type { Queryable } from '../../platform/index.ts'
import type { SealPictureSpec } from '../domain/seal-picture-spec.ts'
import type { SealPicture } from './seals.ts'

/** A picture as it was drawn for a seal. */
export interface DrawnRecord extends SealPicture {
  readonly sealId: string
  /** Counted from 1. */
  readonly version: number
  readonly spec: SealPictureSpec
  readonly drawnBy: string
  readonly at: Date
}

/** The picture drawn last. */
export async function findLastPicture(db: Queryable, sealId: string): Promise<DrawnRecord | undefined> {
  const rows = await db.query<DrawnRecord>(
    `select seal_id as "sealId", version, spec, content as "pictureContent", resources as "pictureResources", svg as "pictureSvg",
       digest as "pictureDigest", drawn_by as "drawnBy", at
     from seal.pictures where seal_id = $1 order by version desc limit 1`,
    [sealId],
  )
  return rows[0]
}

/** Records a picture as the next one drawn; its number. */
export async function insertPicture(db: Queryable, picture: Omit<DrawnRecord, 'version'>): Promise<number> {
  const rows = await db.query<{ version: number }>(
    `insert into seal.pictures (seal_id, version, spec, content, resources, svg, digest, drawn_by, at)
     select $1, coalesce(max(version), 0) + 1, $2, $3, $4, $5, $6, $7, $8 from seal.pictures where seal_id = $1 returning version`,
    [
      picture.sealId,
      JSON.stringify(picture.spec),
      picture.pictureContent,
      picture.pictureResources,
      picture.pictureSvg,
      picture.pictureDigest,
      picture.drawnBy,
      picture.at,
    ],
  )
  return rows[0]!.version
}

/** The last picture of each of several seals, without what was drawn. */
export function listLastPictures(
  db: Queryable,
  sealIds: readonly string[],
): Promise<Pick<DrawnRecord, 'sealId' | 'version' | 'pictureDigest' | 'drawnBy'>[]> {
  return db.query(
    `select distinct on (seal_id) seal_id as "sealId", version, digest as "pictureDigest", drawn_by as "drawnBy"
     from seal.pictures where seal_id = any($1) order by seal_id, version desc`,
    [sealIds],
  )
}
