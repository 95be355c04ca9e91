// The thread that paints.
import { serveTasks } from '../../../platform/workers/index.ts'
import { type PaintTask, paint } from './paint.ts'

serveTasks(async (task: PaintTask) => ({ result: await paint(task) }))
