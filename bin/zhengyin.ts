// The command line. Exit codes: 0 what was asked holds, 1 it does not, 2 the call was wrong or could not be carried out.
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { registerCeremony } from './ceremony/register.ts'
import type { CheckLedgerOptions } from './commands/check-ledger.ts'
import type { CheckTemplatesOptions } from './commands/check-templates.ts'
import { registerEvidence } from './commands/register-evidence.ts'
import { registerKey } from './commands/register-key.ts'
import { registerSeal } from './commands/register-seal.ts'
import type { ValidatePathOptions } from './commands/validate-path.ts'
import type { CommandErrorCode } from './errors.ts'
import { describeFailure } from './failure.ts'

const program = new Command('zhengyin')
  .description('Zhengyin 证印: licences, seals, and what they are worth')
  .exitOverride()
  .configureOutput({
    writeErr: (text) => process.stderr.write(text),
    outputError: (text, write) =>
      write(text.replace(/^error: /, `${'COMMAND_INVALID' satisfies CommandErrorCode}: 命令有误 `)),
  })

program
  .command('demo')
  .description('mint one licence of every template, with a trust folder, without a server')
  .requiredOption('--out <folder>', 'where to write')
  .option('--level <level>', 'level of the seals: B-B, B-T, B-LT, B-LTA (left out: by the validity of the licence)')
  .action(async (options: { out: string; level?: string }) => (await import('./commands/demo.ts')).demo(options))

program
  .command('issue')
  .description("mint one licence from the data folder's own register")
  .requiredOption('--type <code>', 'licence type, 21 characters')
  .requiredOption('--data <file>', 'its data, JSON as the command example prints it')
  .requiredOption('--out <file>', 'where to write the PDF')
  .option('--level <level>', 'level of the seals: B-B, B-T, B-LT, B-LTA (left out: by the validity of the licence)')
  .option('--key <key>', 'idempotency key: the same key and data give the same licence')
  .option('--department <code>', 'who issues it; without it the demonstration department of the type')
  .action(
    async (options: { type: string; data: string; out: string; level?: string; key?: string; department?: string }) =>
      (await import('./commands/issue.ts')).issue(options),
  )

program
  .command('set-up')
  .description('make departments with their seals, licence types and accounts, as a file names them')
  .argument('<file>', 'JSON, see docs/operations/keys-and-ceremony.md')
  .action(async (file: string) => (await import('./commands/set-up.ts')).setUp(file))

program
  .command('api-key')
  .description('make an API key for a machine of a department; it is shown this once')
  .requiredOption('--department <code>', 'unified social credit code')
  .requiredOption('--name <name>', 'what the key is for')
  .option('--role <role>', 'issuer or viewer', 'issuer')
  .action(async (options: { department: string; name: string; role: string }) =>
    (await import('./commands/set-up.ts')).makeApiKey(options),
  )

program
  .command('example')
  .description('print made-up data of a licence type, as issue takes it; without a type, list the types')
  .argument('[type]', 'licence type, 21 characters')
  .action(async (type?: string) => (await import('./commands/example.ts')).example(type))

interface VerifyOptions {
  json?: true
  trust?: string
  at?: string
  offline?: true
  inForceAt?: string
  memory?: string
  qr?: string
  policy?: string
  bundle?: string
  html?: string
  pdf?: string
  xml?: string
}

const verifying = (command: Command) =>
  command
    .option('--json', 'one report per line')
    .option('--trust <folder>', "trust folder as demo writes it (default: the data folder's own)")
    .option('--at <time>', 'validation time, ISO 8601 (default: now)')
    .option('--offline', 'use no network')
    .option(
      '--in-force-at <time>',
      'ask whether the licence was in force then, ISO 8601 (default: at the validation time)',
    )
    .option(
      '--memory <folder>',
      "what was seen of signed lists: older ones are refused (default: the data folder's, where there is one)",
    )
    .option('--policy <file>', 'validation policy (default: that of docs/policies/default.json)')
    .option('--bundle <file>', 'write the evidence bundle, which replay judges again years later (one file or text)')
    .option('--html <file>', 'write the report as one HTML page')
    .option('--pdf <file>', 'write the report as PDF')
    .option('--xml <file>', 'write the report as XML of ETSI TS 119 102-2')

verifying(program.command('verify').description('verify documents').argument('<file...>'))
  .option('--qr <text>', 'text of the QR code on the sheet in hand: it must be that of the document')
  .action(async (files: string[], options: VerifyOptions) =>
    (await import('./commands/verify.ts')).verifyFiles(files, options),
  )

verifying(program.command('verify-qr').description('verify the texts of QR codes').argument('<text...>')).action(
  async (texts: string[], options: VerifyOptions) => (await import('./commands/verify.ts')).verifyTexts(texts, options),
)

program
  .command('certify')
  .description("certify the key of a seal that a department holds in a device of its own, or of a verifier's receipts")
  .requiredOption('--request <file>', 'certification request, PKCS #10, PEM or DER')
  .option('--department <code>', 'unified social credit code: a seal')
  .option('--receipts', "receipts of a verifier's own process (docs/operations/verifier.md)")
  .option('--name <name>', "name in the certificate (default: the department's)")
  .action(async (options: { request: string; department?: string; receipts?: true; name?: string }) =>
    (await import('./commands/certify.ts')).certifyRequest(options),
  )

program
  .command('check-ledger')
  .description('recompute the ledger of uses of seals from its rows and name every fault (docs/operations/ledger.md)')
  .option('--json', 'the report as JSON')
  .option('--trust <folder>', "trust folder whose roots stand above signed heads (default: the data folder's own)")
  .option('--heads <folder>', "heads and checkpoints as they were kept (default: the data folder's)")
  .action(async (options: CheckLedgerOptions) => (await import('./commands/check-ledger.ts')).checkLedgerOf(options))

program
  .command('check-templates')
  .description(
    'draw the approved specimen of every template in force again and name what differs (docs/catalogue-and-templates.md)',
  )
  .option('--json', 'one line of JSON per template')
  .action(async (options: CheckTemplatesOptions) =>
    (await import('./commands/check-templates.ts')).checkTemplates(options),
  )

registerEvidence(program)
registerCeremony(program)
registerKey(program)
registerSeal(program)

program
  .command('validate-path')
  .description('validate a certification path by RFC 5280 alone, without a policy on algorithms')
  .requiredOption('--leaf <file>', 'the certificate in question, PEM or DER')
  .requiredOption('--anchors <file...>', 'trusted certificates, PEM bundles or DER; may be repeated')
  .option('--intermediates <file...>', 'certificates that may stand between, PEM bundles or DER; may be repeated')
  .option(
    '--crls <file...>',
    'revocation lists, PEM bundles or DER; may be repeated (default: revocation is not checked)',
  )
  .option('--at <time>', 'validation time, ISO 8601 (default: now)')
  .option('--policies <oids>', 'policies to ask for, dotted, with commas between (default: any)', splitPolicies)
  .option('--require-explicit-policy', 'a policy must be valid for the whole path')
  .option('--inhibit-any-policy', 'anyPolicy in certificates counts for none')
  .option('--inhibit-policy-mapping', 'policy mappings do not count')
  .option('--json', 'answer as JSON: {"valid", "reason"}')
  .action(async (options: ValidatePathOptions) => (await import('./commands/validate-path.ts')).validatePath(options))

function splitPolicies(text: string): string[] {
  const policies = text.split(',').map((policy) => policy.trim())
  if (policies.every((policy) => /^[0-2](\.(0|[1-9]\d{0,14}))+$/.test(policy))) return policies
  throw new InvalidArgumentError('Expected dotted object identifiers with commas between.')
}

// `verify … | head` closes our output early: that is no failure of ours, and what was asked has had its answer.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2
  else {
    process.stderr.write(`${describeFailure(error)}\n`)
    process.exitCode = 2
  }
}
