import type { Queryable } from '../../platform/index.ts'

/** A seal that was revoked, withdrawn or cancelled. */
export interface EndedSeal {
  readonly sealId: string
  readonly state: 'revoked' | 'withdrawn' | 'cancelled'
  readonly endedAt: Date
  readonly reasonCode: string | null
}

/** Those whose certificates have not been seen to yet, the longest ended first. */
export function listEndedWithCertificates(db: Queryable): Promise<EndedSeal[]> {
  return db.query<EndedSeal>(
    `select s.id as "sealId", s.state, coalesce(s.effective_at, s.state_changed_at) as "endedAt",
       (select e.detail->>'reasonCode' from seal.seal_events e
        where e.seal_id = s.id and e.state = s.state order by e.id desc limit 1) as "reasonCode"
     from seal.seals s
     where s.state in ('revoked', 'withdrawn', 'cancelled')
       and exists (select 1 from seal.seal_certificates c where c.seal_id = s.id)
       and not exists (select 1 from seal.ended_certificates d where d.seal_id = s.id)
     order by s.state_changed_at, s.id`,
  )
}

/** Puts on record that a seal's certificates were seen to. */
export async function recordEndedCertificates(
  db: Queryable,
  settled: { readonly sealId: string; readonly elsewhere: number; readonly at: Date },
): Promise<void> {
  await db.query(
    'insert into seal.ended_certificates (seal_id, elsewhere, at) values ($1, $2, $3) on conflict (seal_id) do nothing',
    [settled.sealId, settled.elsewhere, settled.at],
  )
}
