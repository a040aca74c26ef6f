import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { z } from 'zod'
import { ConfigurationError } from './configuration-error.ts'
import { proxyFault } from './proxies.ts'
import { secretFault } from './secret.ts'
import { isLoopbackHost } from './uris.ts'

export { proxyTest } from './proxies.ts'

const list = (text: string) => text.split(/[\s,]+/).filter(Boolean)

const check =
  <T>(fault: (value: T) => string | null) =>
  (value: T, ctx: z.RefinementCtx<T>) => {
    const message = fault(value)
    if (message) ctx.addIssue({ code: 'custom', message, input: value })
  }

const whole = (least: number, most: number) =>
  z
    .string()
    .refine((text) => /^\d{1,6}$/.test(text) && Number(text) >= least && Number(text) <= most, {
      error: `has to be a whole number from ${least} to ${most}`,
    })
    .transform(Number)

const port = () => whole(1, 65_535)

const originFault = (text: string): string | null => {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol)) return 'has to be like https://id.example.com'
  const rest = url.username || url.password || url.search || url.hash || url.pathname !== '/'
  return rest ? `has to be an origin, without anything after it: ${url.origin}` : null
}

/** Every variable. The key is the name of the variable, here and everywhere. */
const variables = z.object({
  NODE_ENV: z
    .enum(['production', 'development', 'test'], {
      error: 'has to be production, or left out to evaluate',
    })
    .default('development'),
  BASE_URL: z
    .string()
    .superRefine(check(originFault))
    .transform((text) => new URL(text).origin)
    .optional(),
  HOST: z
    .string()
    .regex(/^[a-z0-9.:-]+$/i, 'has to be a host name or an IP address')
    .optional(),
  PORT: port().default(3000),
  DATABASE_URL: z
    .string()
    .refine((text) => /^postgres(ql)?:$/.test(URL.parse(text)?.protocol ?? ''), {
      error: 'has to be like postgres://user:password@host:5432/database',
    })
    .optional(),
  DATA_DIR: z
    .string()
    .default('data')
    .transform((folder) => resolve(folder)),
  SECRET_KEYS: z
    .string()
    .transform(list)
    .pipe(
      z
        .array(z.string().superRefine(check(secretFault)))
        .min(1, 'is empty')
        .refine((keys) => new Set(keys).size === keys.length, 'holds the same secret twice'),
    )
    .default([]),
  CONFIG_FILE: z.string().optional(),
  MANAGEMENT_CLIENT_SECRET: z
    .string()
    .max(256, 'has more than 256 characters')
    .regex(/^[\x21-\x7e]*$/, 'may hold neither spaces nor characters outside ASCII')
    .optional(),
  ADMIN_EMAIL: z.email('has to be an email address').optional(),
  TRUST_PROXY: z
    .string()
    .transform(list)
    .pipe(z.array(z.string().superRefine(check(proxyFault))))
    .default([]),
  WORKERS: whole(1, 128).default(1),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      error: 'has to be fatal, error, warn, info, debug, trace or silent',
    })
    .default('info'),
  WEBHOOK_PORTS: z.string().transform(list).pipe(z.array(port()).min(1, 'is empty')).default([443]),
  METRICS_PORT: port().default(3002),
  DEMO_PORT: port().default(3001),
})

type Values = z.output<typeof variables>
type Given = Readonly<Record<string, string | undefined>>

export interface Env extends Omit<Values, 'NODE_ENV' | 'BASE_URL' | 'HOST'> {
  /** `NODE_ENV=production`; everything else evaluates. */
  production: boolean
  /** Public origin, without a slash at its end; the issuer is `<BASE_URL>/oidc`. */
  BASE_URL: string
  /** Where to listen; undefined in production means on every interface. */
  HOST: string | undefined
  /** Absolute path. */
  DATA_DIR: string
  /** Declares the client `management`, which may do everything in the management API. */
  MANAGEMENT_CLIENT_SECRET?: string | undefined
  /** Newest first; empty while evaluating without any: see `rootSecrets`. */
  SECRET_KEYS: string[]
  /** Networks as CIDR or single addresses; see `proxyTest`. */
  TRUST_PROXY: string[]
  /** Which were set by hand: a start moves only those ports that were not. */
  explicit: Record<'PORT' | 'BASE_URL' | 'DEMO_PORT' | 'METRICS_PORT', boolean>
}

/**
 * All variables: those of the process, and under them those of the `.env` file in `folder`. Other
 * readers take what they need from here, since nothing else reads `process.env`.
 */
export function environment(folder: string = process.cwd()): Given {
  let file: NodeJS.Dict<string> = {}
  try {
    file = parseEnv(readFileSync(join(folder, '.env'), 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw new ConfigurationError('The .env file cannot be read.', [(error as Error).message])
    }
  }
  return { ...file, ...process.env }
}

/**
 * Reads the variables, once, at start. An empty one counts as left out.
 *
 * @throws ConfigurationError with every fault, each a line that begins with the variable's name;
 *   no line shows a secret
 */
export function loadEnv(given: Given = environment()): Env {
  const set = Object.fromEntries(
    Object.entries(given).filter(([name, value]) => name in variables.shape && value?.trim()),
  )
  const faults: string[] = []
  const values: Record<string, unknown> = {}
  for (const [name, schema] of Object.entries(variables.shape)) {
    const parsed = schema.safeParse(set[name])
    if (parsed.success) values[name] = parsed.data
    else for (const { message } of parsed.error.issues) faults.push(`${name}: ${message}`)
  }
  faults.push(...together(values as Partial<Values>, (name) => name in set))
  if (faults.length > 0) throw new ConfigurationError('The environment is not valid:', faults)

  const { NODE_ENV, BASE_URL, HOST, ...rest } = values as Values
  const production = NODE_ENV === 'production'
  return Object.freeze({
    ...rest,
    production,
    BASE_URL: BASE_URL ?? `http://localhost:${rest.PORT}`,
    HOST: HOST ?? (production ? undefined : '127.0.0.1'),
    // A newcomer's terminal is for codes; an operator's is for logs.
    LOG_LEVEL: 'LOG_LEVEL' in set || production ? rest.LOG_LEVEL : 'warn',
    explicit: {
      PORT: 'PORT' in set,
      BASE_URL: 'BASE_URL' in set,
      DEMO_PORT: 'DEMO_PORT' in set,
      METRICS_PORT: 'METRICS_PORT' in set,
    },
  })
}

/** What is wrong with variables that are right by themselves; faulty ones are not in `values`. */
const together = (values: Partial<Values>, isSet: (name: string) => boolean): string[] => {
  const { NODE_ENV, BASE_URL, HOST, WORKERS = 1, TRUST_PROXY } = values
  const { MANAGEMENT_CLIENT_SECRET: secret } = values
  const faults: string[] = []
  if (NODE_ENV === 'production') {
    if (!isSet('SECRET_KEYS')) {
      faults.push('SECRET_KEYS: is missing; `openssl rand -base64 32` makes one')
    }
    if (!isSet('BASE_URL')) faults.push('BASE_URL: is missing; set it to the public https origin')
    if (!isSet('DATABASE_URL')) faults.push('DATABASE_URL: is missing; production needs PostgreSQL')
    if (BASE_URL?.startsWith('http:')) {
      faults.push(`BASE_URL: has to be https in production; "${BASE_URL}" is not`)
    }
    const weak = secret ? secretFault(secret) : null
    if (weak) faults.push(`MANAGEMENT_CLIENT_SECRET: ${weak}`)
  } else if (NODE_ENV) {
    const only = 'while evaluating; set NODE_ENV=production to serve others'
    if (BASE_URL && !isLoopbackHost(new URL(BASE_URL).hostname)) {
      faults.push(`BASE_URL: has to be on localhost ${only}`)
    }
    if (HOST && !isLoopbackHost(HOST)) faults.push(`HOST: has to be localhost ${only}`)
    if (TRUST_PROXY && TRUST_PROXY.length > 0) faults.push(`TRUST_PROXY: must not be set ${only}`)
  }
  if (WORKERS > 1 && !isSet('DATABASE_URL')) {
    faults.push('WORKERS: more than one needs DATABASE_URL; the embedded database serves one')
  }
  return [...faults, ...samePorts(values, isSet)]
}

const samePorts = (values: Partial<Values>, isSet: (name: string) => boolean): string[] => {
  const production = values.NODE_ENV === 'production'
  const names = ['PORT', ...(production ? [] : ['DEMO_PORT' as const]), 'METRICS_PORT'] as const
  return names.flatMap((name, index) => {
    // While evaluating, one that was not set by hand moves out of the way of those before it.
    if (!production && !isSet(name)) return []
    const other = names.slice(0, index).find((one) => values[one] && values[one] === values[name])
    return other ? [`${name}: ${values[name]} is ${other} as well; choose another`] : []
  })
}
