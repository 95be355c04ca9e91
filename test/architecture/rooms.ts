// The table of docs/architecture.md as data, and the reader that holds every import against it.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import ts from 'typescript'

interface Door {
  readonly mayImport: readonly string[]
  readonly packages: readonly string[]
}

const GROUND = ['pki', 'pades/read', 'licence-format', 'verifier', 'verifier/bundle', 'verifier/formats']

/** Door → the doors it may import and the third-party packages that live there. Absence is the rule. */
export const rooms: Readonly<Record<string, Door>> = {
  pki: { mayImport: [], packages: ['sm-crypto-v2'] },
  pades: { mayImport: ['pki'], packages: [] },
  'pades/read': { mayImport: ['pki', 'pades'], packages: [] },
  'pades/write': { mayImport: ['pki', 'pades'], packages: [] },
  'licence-format': { mayImport: ['pki'], packages: [] },
  templates: { mayImport: ['licence-format', 'templates/draw', 'templates/fonts'], packages: [] },
  'templates/draw': { mayImport: ['licence-format', 'templates', 'templates/fonts'], packages: [] },
  'templates/fonts': { mayImport: ['platform/package-root', 'templates'], packages: [] },
  verifier: { mayImport: ['pki', 'pades/read', 'licence-format'], packages: [] },
  'verifier/bundle': { mayImport: ['verifier', 'pki', 'pades/read', 'licence-format'], packages: [] },
  'verifier/formats': { mayImport: ['verifier', 'verifier/bundle', 'pki', 'licence-format'], packages: [] },
  'verifier/http': {
    mayImport: [
      'verifier',
      'verifier/bundle',
      'verifier/formats',
      'licence-format',
      'templates/draw',
      'key-store',
      'platform',
      'platform/http',
    ],
    packages: ['express', 'zod'],
  },
  'key-store': { mayImport: ['pki'], packages: ['node-forge', 'pkcs11js'] },
  'pki-service': {
    mayImport: ['pki', 'licence-format', 'key-store', 'platform', 'platform/http'],
    packages: ['express', 'zod'],
  },
  'seal-service': {
    mayImport: [
      'pki',
      'pades/write',
      'pades/read',
      'templates/fonts',
      'licence-format',
      'key-store',
      'directory',
      'platform',
      'platform/http',
      'platform/workers',
    ],
    packages: ['express', 'zod'],
  },
  'licence-service': {
    mayImport: [
      'pades/write',
      'templates',
      'templates/draw',
      'licence-format',
      'verifier',
      'key-store',
      'directory',
      'platform',
      'platform/http',
    ],
    packages: ['express', 'zod', 'csv-parse', 'hucre', 'yauzl'],
  },
  'sharing-service': {
    mayImport: ['licence-format', 'verifier', 'key-store', 'directory', 'platform', 'platform/http'],
    packages: ['express', 'zod'],
  },
  directory: {
    mayImport: ['platform', 'platform/http'],
    packages: ['express', 'zod', 'openid-client', '@simplewebauthn/server'],
  },
  platform: { mayImport: [], packages: ['pg', '@electric-sql/pglite', 'pino', 'zod', 'jose'] },
  'platform/http': {
    mayImport: ['platform'],
    packages: ['express', 'zod', '@asteasolutions/zod-to-openapi', 'swagger-ui-dist', 'prom-client', 'hucre'],
  },
  'platform/workers': { mayImport: [], packages: [] },
  bin: {
    mayImport: [
      'pki',
      'pades/read',
      'pades/write',
      'licence-format',
      'templates',
      'templates/fonts',
      'templates/draw',
      'verifier',
      'verifier/bundle',
      'verifier/formats',
      'verifier/http',
      'key-store',
      'pki-service',
      'seal-service',
      'licence-service',
      'sharing-service',
      'directory',
      'platform',
      'platform/http',
      'platform/workers',
    ],
    packages: ['commander'],
  },
}

const nestedDoors = Object.keys(rooms).filter((door) => door.includes('/'))

/** The room a file belongs to, nested doors first; `undefined` for files outside the house (test, bench, tools, web). */
export function roomOf(path: string): string | undefined {
  const nested = nestedDoors.find((door) => path.startsWith(`${door}/`))
  if (nested) return nested
  const top = path.split('/')[0] as string
  return top in rooms ? top : undefined
}

const isDoorFile = (path: string, room: string) =>
  path === `${room}/index.ts` || (room === 'platform' && path === 'platform/package-root.ts')

export interface Violation {
  readonly file: string
  readonly imports: string
  readonly why: string
}

/** Every breach of the table in one file's source text. */
export function violationsIn(file: string, source: string): Violation[] {
  const room = roomOf(file)
  if (!room) return []
  const door = rooms[room] as Door
  const found: Violation[] = []
  for (const { fileName: imports } of ts.preProcessFile(source, true, true).importedFiles) {
    const breach = (why: string) => found.push({ file, imports, why })
    if (imports.startsWith('.')) {
      const target = normalize(join(dirname(file), imports))
      const targetRoom = roomOf(target)
      if (targetRoom === room) continue
      const sameHouse = targetRoom?.split('/')[0] === room.split('/')[0]
      if (!targetRoom) breach('leaves the house')
      else if (
        sameHouse &&
        (door.mayImport.includes(targetRoom) || targetRoom.split('/').length < room.split('/').length)
      )
        continue
      else if (sameHouse && isDoorFile(target, targetRoom)) continue
      else if (
        !door.mayImport.includes(targetRoom) &&
        !(targetRoom === 'platform' && door.mayImport.includes('platform/package-root'))
      )
        breach(`${room} may not import ${targetRoom}`)
      else if (!isDoorFile(target, targetRoom)) breach('enters past the front door')
    } else if (imports.startsWith('#')) {
      if (room !== 'pki') breach('primitives are reached through pki')
    } else if (imports.startsWith('node:')) {
      if (GROUND.includes(room) && file !== 'pki/primitives-node.ts') breach('must run in a browser')
    } else {
      const name = imports.startsWith('@')
        ? imports.split('/').slice(0, 2).join('/')
        : (imports.split('/')[0] as string)
      if (!door.packages.includes(name)) breach(`${name} does not live in ${room}`)
    }
  }
  return found
}

/** Every TypeScript source below a folder of the repository, as paths from the root. */
export function sourcesBelow(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(ts|vue|mjs)$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => !path.includes('node_modules') && !path.startsWith('web/dist'))
}

/** The first cycle among value imports of a room, as a list of files, or `undefined`. */
export function findCycle(root: string, files: readonly string[]): string[] | undefined {
  const importsOf = (file: string) => {
    const source = readFileSync(join(root, file), 'utf8').replace(/^(import|export) type .*$/gm, '')
    return ts
      .preProcessFile(source, true, true)
      .importedFiles.map(({ fileName }) => fileName)
      .filter((name) => name.startsWith('.'))
      .map((name) => normalize(join(dirname(file), name)))
  }
  const done = new Set<string>()
  const walk = (file: string, trail: readonly string[]): string[] | undefined => {
    if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file]
    if (done.has(file) || !files.includes(file)) return undefined
    for (const next of importsOf(file)) {
      const cycle = walk(next, [...trail, file])
      if (cycle) return cycle
    }
    done.add(file)
    return undefined
  }
  for (const file of files) {
    const cycle = walk(file, [])
    if (cycle) return cycle
  }
  return undefined
}
