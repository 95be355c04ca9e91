/**
 * Worker threads for what keeps a processor busy. A door of its own, so that a thread does not load database and web server.
 *
 * It does not know what is worked on. Invariants: a task runs in one thread at a time; a thread that dies, or is ended because its task takes too
 * long, fails its own task only, and where tasks are handed over in advance (`ahead`) those in its hands.
 */
export { serveTasks } from './serve-tasks.ts'
export { createWorkerPool } from './worker-pool.ts'
