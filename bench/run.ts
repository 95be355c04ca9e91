// `npm run bench [row or group] [-- --json]`: every figure beside its peer, in one run.
import { cpus } from 'node:os'
import type { Row } from './row.ts'

/** Group → the module that measures it; loaded only when asked for. */
const groups: Readonly<Record<string, () => Promise<{ rows(only: string | undefined): AsyncIterable<Row> }>>> = {
  mint: () => import('./mint.ts'),
  verify: () => import('./verify.ts'),
  pki: () => import('./pki.ts'),
  seal: () => import('./seal.ts'),
  start: () => import('./start.ts'),
  qr: () => import('./qr.ts'),
  batch: () => import('./batch.ts'),
  register: () => import('./register.ts'),
}

/** Rows whose names do not begin with their group's. */
const groupOfRow: Readonly<Record<string, string>> = {
  'ocsp.cached': 'pki',
  'ocsp.fresh': 'pki',
  tsa: 'pki',
  'path.pkits': 'pki',
  'statuslist.rebuild': 'register',
  'statuslist.changed': 'register',
}
/** Take the whole machine for many minutes. */
const onlyWhenAsked = ['batch', 'register']
const groupOf = (name: string): string => groupOfRow[name] ?? (name.split('.')[0] as string)

const asked = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const asJson = process.argv.includes('--json')
const unknown = asked.filter((name) => !(groupOf(name) in groups))
if (unknown.length) {
  console.error(`no such row or group: ${unknown.join(', ')}; groups are ${Object.keys(groups).join(', ')}`)
  process.exit(2)
}

if (!asJson)
  console.log(`${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.versions.node}`)
for (const [group, load] of Object.entries(groups)) {
  const wanted = asked.filter((name) => groupOf(name) === group)
  if (asked.length ? !wanted.length : onlyWhenAsked.includes(group)) continue
  const only = wanted.find((name) => name !== group)
  for await (const result of (await load()).rows(wanted.includes(group) ? undefined : only)) {
    if (asJson) console.log(JSON.stringify(result))
    else {
      const peer =
        result.peer === null ? '' : ` | ${result.peer}: ${result.peerValue} ${result.unit} | × ${result.ratio}`
      console.log(`${result.name}: ${result.value} ${result.unit}${peer} | ${result.note}`)
    }
  }
}
