import { deleteAgenciesBefore } from '../../store/agents.ts'
import { deleteDisputesBefore } from '../../store/disputes.ts'
import { KEPT_THINGS, type KeptThing, retentionRules } from '../../store/erasures.ts'
import { READS_KEPT_DAYS, turnMonths } from '../../store/reads.ts'
import type { Deps } from '../deps.ts'

const DAY_MS = 86_400_000

/** Days after its end that each thing is kept, where no rule says otherwise. */
const KEPT_DAYS: Readonly<Record<KeptThing, number>> = {
  licences: 3_653,
  reads: READS_KEPT_DAYS,
  disputes: 1_096,
  agents: 1_096,
}

export async function keptDays(deps: Pick<Deps, 'database'>, what: KeptThing): Promise<number> {
  return (await retentionRules(deps.database)).get(what) ?? KEPT_DAYS[what]
}

/** How long each thing is kept, and whether an operator's rule says so. */
export async function retentionInForce(
  deps: Pick<Deps, 'database'>,
): Promise<{ what: KeptThing; days: number; isRule: boolean }[]> {
  const rules = await retentionRules(deps.database)
  return KEPT_THINGS.map((what) => ({ what, days: rules.get(what) ?? KEPT_DAYS[what], isRule: rules.has(what) }))
}

/** Makes room for the reads of the months to come, and forgets what is older than it is kept. Licences are never forgotten by themselves. */
export async function keepTime(deps: Deps): Promise<void> {
  const now = deps.clock.now()
  const before = async (what: KeptThing) => new Date(now.getTime() - (await keptDays(deps, what)) * DAY_MS)
  const kept = await keptDays(deps, 'reads')
  await deps.database.transaction((tx) => turnMonths(tx, now, kept))
  await deleteDisputesBefore(deps.database, await before('disputes'))
  await deleteAgenciesBefore(deps.database, await before('agents'))
}
