import type { Queryable } from '../../platform/index.ts'
import type { SealState } from '../domain/seal.ts'
import type { SealPictureSpec } from '../domain/seal-picture-spec.ts'

/** What of a seal's picture is compared with others'. */
export interface ListedPicture {
  readonly sealId: string
  readonly departmentCode: string
  readonly state: SealState
  /** Without its artwork, which may be long. */
  readonly spec: SealPictureSpec
}

/** The pictures of one shape of all seals that are in these states, whoever owns them; without the seals named. */
export function listPictures(
  db: Queryable,
  asked: {
    readonly shape: SealPictureSpec['shape']
    readonly states: readonly SealState[]
    readonly except: readonly string[]
  },
): Promise<ListedPicture[]> {
  return db.query(
    `select id as "sealId", department_code as "departmentCode", state, picture_spec - 'artwork' as spec from seal.seals
     where picture_spec ->> 'shape' = $1 and state = any($2) and id <> all($3) order by id`,
    [asked.shape, asked.states, asked.except],
  )
}

/** The whole specs of some seals. */
export function listSpecs(
  db: Queryable,
  sealIds: readonly string[],
): Promise<{ sealId: string; spec: SealPictureSpec }[]> {
  return db.query(`select id as "sealId", picture_spec as spec from seal.seals where id = any($1) order by id`, [
    sealIds,
  ])
}
