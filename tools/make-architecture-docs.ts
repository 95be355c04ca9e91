// Writes the table of rooms into docs/architecture.md from the data that the rooms test enforces.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rooms } from '../test/architecture/rooms.ts'

const code = (names: readonly string[]) => (names.length ? names.map((name) => `\`${name}\``).join(', ') : '—')

/** The table of docs/architecture.md between its marks. */
export function roomsTable(): string {
  const rows = Object.entries(rooms).map(
    ([room, { mayImport, packages }]) => `| \`${room}\` | ${code(mayImport)} | ${code(packages)} |`,
  )
  return ['| door | may import | packages that live here |', '|---|---|---|', ...rows].join('\n')
}

if (import.meta.main) {
  const page = join(import.meta.dirname, '..', 'docs', 'architecture.md')
  const text = readFileSync(page, 'utf8')
  writeFileSync(
    page,
    text.replace(/<!-- rooms -->[\s\S]*<!-- \/rooms -->/, () => `<!-- rooms -->\n\n${roomsTable()}\n\n<!-- /rooms -->`),
  )
}
