// A process that opens a data folder, writes one row, says so and waits to be killed.
import { openDatabase } from '../../../platform/index.ts'

const database = await openDatabase({ folder: process.argv[2]! })
await database.script('create table if not exists survivor (at integer)')
await database.query('insert into survivor values (1)')
console.log('holding')
setInterval(() => {}, 1000)
