import pino, { type Logger } from 'pino'

export type { Logger } from 'pino'

/**
 * Structured log on standard output, one JSON object a line. Nothing that signs anyone in may be
 * passed to it; the names below are cut out should it happen anyway.
 */
export const logger = (level: string): Logger =>
  pino({
    level,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: [
        'code',
        'token',
        'password',
        'secret',
        'cookie',
        'link',
        '*.code_verifier',
        'authorization',
      ],
      remove: true,
    },
  })
