// Installs the Debian programs that the tests ask for, where that is possible (root on a Debian machine); otherwise the suites
// that need one say so in a line. Runs under whatever Node npm itself runs on; all output goes to stderr.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const packages = {
  'poppler-utils': '/usr/bin/pdftoppm',
  qpdf: '/usr/bin/qpdf',
  'mupdf-tools': '/usr/bin/mutool',
  'zbar-tools': '/usr/bin/zbarimg',
  chromium: '/usr/bin/chromium',
  openssl: '/usr/bin/openssl',
  'fonts-noto-cjk': '/usr/share/doc/fonts-noto-cjk',
  postgresql: '/usr/lib/postgresql',
  'g++': '/usr/bin/g++',
  make: '/usr/bin/make',
  python3: '/usr/bin/python3',
  softhsm2: '/usr/bin/softhsm2-util',
  'p11-kit': '/usr/bin/p11-kit',
  'p11-kit-modules': '/usr/share/doc/p11-kit-modules',
  ...(process.argv.includes('--judges')
    ? { 'default-jdk-headless': '/usr/bin/javac', maven: '/usr/bin/mvn', 'python3-venv': '/usr/share/doc/python3-venv' }
    : {}),
}

const missing = Object.entries(packages)
  .filter(([, sign]) => !existsSync(sign))
  .map(([name]) => name)
if (missing.length && existsSync('/usr/bin/apt-get') && process.getuid?.() === 0) {
  console.error(`zhengyin: installing ${missing.join(', ')} …`)
  const apt = (args) =>
    spawnSync('apt-get', args, { stdio: ['ignore', 2, 2], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
      .status
  apt(['update', '-qq'])
  if (apt(['install', '-y', '-qq', '--no-install-recommends', ...missing]) !== 0) {
    console.error('zhengyin: the packages could not be installed; suites that need them will be skipped')
    if (process.env.CI === 'true') process.exit(1)
  }
}
