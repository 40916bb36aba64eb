import { exitCodeOf } from './exit-code.ts'
import { buildProgram } from './program.ts'

/** `keeper`: one command for each everyday operation. */

// A reader that has seen enough (`| head`) closes the pipe: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
process.once('SIGINT', () => process.exit(130))

process.exitCode = await exitCodeOf(buildProgram(), process.argv)
