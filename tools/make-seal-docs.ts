// Writes docs/seal-life.md: the states of a seal and the steps between them, from the table of the seal service.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { usualDeadlines } from '../seal-service/domain/life-deadlines.ts'
import { dangerousActions, type LifeAction } from '../seal-service/domain/life-policy.ts'
import {
  endedStates,
  type SealAction,
  type SealState,
  sealActions,
  sealNotes,
  sealStateNames,
  sealStates,
} from '../seal-service/domain/seal.ts'
import { endingReasons } from '../seal-service/domain/seal-ending.ts'

const actors = {
  applicant: '经办人',
  reviewer: '审核员',
  maker: '制章员',
  keeper: '保管员',
  clock: 'the clock',
} as const

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] => [
  row(head),
  row(head.map(() => '---')),
  ...rows.map(row),
]

function stateRow(state: SealState): string[] {
  const days = usualDeadlines[state]
  const isEnd = (endedStates as readonly SealState[]).includes(state)
  return [
    `\`${state}\``,
    sealStateNames[state],
    state === 'active' ? 'yes' : '',
    isEnd ? 'ended' : days === undefined ? '' : `${days} days`,
  ]
}

function actionRows(action: SealAction): string[][] {
  const { moves, by } = sealActions[action]
  const leads = Map.groupBy(Object.entries(moves) as [string, SealState][], ([, to]) => to)
  const who = by.map((actor) => `${actor} ${actors[actor]}`.replace('clock the clock', 'the clock')).join(', ')
  const isDangerous = dangerousActions.includes(action as LifeAction)
  return [...leads].map(([to, from]) => [
    `\`${action}\``,
    from.map(([state]) => (state === 'none' ? '–' : `\`${state}\``)).join(' '),
    `\`${to}\``,
    who,
    isDangerous ? 'yes' : '',
  ])
}

/** The page as it should be. */
export function sealLifePage(): string {
  const actions = Object.keys(sealActions) as SealAction[]
  return [
    '# The life of a seal',
    '',
    'Written by `node tools/make-seal-docs.ts` from `seal-service/domain/`; a test compares. The database holds the same lists: another state, a',
    'step that is not here, or a state without its event is refused by it too. Who does what, and how: [operations/seals.md](operations/seals.md).',
    '',
    '## States',
    '',
    ...table(['state', '中文', 'seals', 'deadline'], sealStates.map(stateRow)),
    '',
    '## Steps',
    '',
    'A step marked *key* is confirmed with a security key (WebAuthn).',
    '',
    ...table(['step', 'from', 'to', 'who', 'key'], actions.flatMap(actionRows)),
    '',
    `On record beside them, without a change of state: ${sealNotes.map((note) => `\`${note}\``).join(', ')}.`,
    '',
    '## Reasons of an end',
    '',
    ...table(
      ['step', 'reason', '中文'],
      Object.entries(endingReasons).flatMap(([action, reasons]) =>
        Object.entries(reasons).map(([code, zh]) => [`\`${action}\``, `\`${code}\``, zh]),
      ),
    ),
    '',
  ].join('\n')
}

if (import.meta.main) writeFileSync(join(import.meta.dirname, '..', 'docs', 'seal-life.md'), sealLifePage())
