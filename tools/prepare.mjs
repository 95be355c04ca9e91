// Runs before every npm script, under whatever Node npm itself runs on: installs what is missing and builds the pages.
// All of its output goes to stderr, so that stdout stays the answer of the command.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const wanted = process.argv.slice(2)

function run(why, command, args, env = {}) {
  console.error(`zhengyin: ${why} …`)
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, ...env },
  })
  if (status !== 0) {
    console.error(`zhengyin: "${command} ${args.join(' ')}" failed${error ? `: ${error.message}` : ''}`)
    process.exit(1)
  }
}

const changedAt = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0)

function newestIn(folder) {
  let newest = 0
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'dist' || entry.name === 'node_modules') continue
    const path = join(folder, entry.name)
    newest = Math.max(newest, entry.isDirectory() ? newestIn(path) : changedAt(path))
  }
  return newest
}

// Before the packages: pkcs11js is compiled on the spot where a compiler is, against the headers that our own Node brings.
if (wanted.includes('test'))
  run('looking for the tools of the tests', process.execPath, [join(root, 'tools', 'install-tools.mjs')])

const lockDigest = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex')
const stamp = join(root, 'node_modules', '.lock-digest')
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lockDigest) {
  const platform = `${process.platform}-${process.arch}`
  run(
    'installing packages, the first time about a minute',
    'npm',
    ['ci', '--no-audit', '--no-fund', '--loglevel=error'],
    ['linux-x64', 'linux-arm64'].includes(platform)
      ? { npm_config_nodedir: join(root, 'node_modules', `node-${platform}`) }
      : {},
  )
  writeFileSync(stamp, lockDigest)
}

if (wanted.includes('web') && existsSync(join(root, 'web'))) {
  const built = changedAt(join(root, 'web', 'dist', 'index.html'))
  const sources = ['web', 'verifier', 'licence-format', 'pades', 'pki']
    .map((room) => join(root, room))
    .filter((room) => existsSync(room))
  if (built < Math.max(...sources.map(newestIn), changedAt(join(root, 'vite.config.ts')))) {
    run('building the pages', join(root, 'node_modules', '.bin', 'node'), [
      join(root, 'node_modules', 'vite', 'bin', 'vite.js'),
      'build',
      '--logLevel',
      'warn',
    ])
  }
}
