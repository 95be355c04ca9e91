// The command line. Exit codes: 0 what was asked holds, 1 it does not, 2 the call was wrong or could not be carried out.
import { Command, CommanderError } from 'commander'
import { registerCeremony } from './ceremony/register.ts'
import { describeFailure } from './failure.ts'

const program = new Command('zhengyin')
  .description('Zhengyin 证印: licences, seals, and what they are worth')
  .exitOverride()
  .configureOutput({ writeErr: (text) => process.stderr.write(text) })

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
}

const verifying = (command: Command) =>
  command
    .option('--json', 'one report per line')
    .option('--trust <folder>', "trust folder as demo writes it (default: the data folder's own)")
    .option('--at <time>', 'validation time, ISO 8601 (default: now)')
    .option('--offline', 'use no network')

verifying(program.command('verify').description('verify documents').argument('<file...>')).action(
  async (files: string[], options: VerifyOptions) => (await import('./commands/verify.ts')).verifyFiles(files, options),
)

verifying(program.command('verify-qr').description('verify the texts of QR codes').argument('<text...>')).action(
  async (texts: string[], options: VerifyOptions) => (await import('./commands/verify.ts')).verifyTexts(texts, options),
)

registerCeremony(program)

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2
  else {
    process.stderr.write(`${describeFailure(error)}\n`)
    process.exitCode = 2
  }
}
