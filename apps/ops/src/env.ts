import { checkPlaybackKeys, providerEnvironment } from '@pay-to-view/api/playback/environment'
import { databaseEnvironment } from '@pay-to-view/db/environment'
import { emailEnvironment } from '@pay-to-view/email/environment'
import { InvalidEnvironmentError, parseEnvironment } from '@pay-to-view/environment'
import { checkoutEnvironment, stripeEnvironment } from '@pay-to-view/stripe/environment'
import { webhooksEnvironment } from '@pay-to-view/webhooks/environment'
import { certificateHasKey, certificateWithoutKey, temporalEnvironment } from '@pay-to-view/workflow-client/environment'
import { z } from 'zod'

/** The environment variables of the commands. */
export const environments = {
  database: z.object(databaseEnvironment),
  doctor: z.object({ ...databaseEnvironment, ...providerEnvironment }).superRefine(checkPlaybackKeys),
  stripe: z.object(stripeEnvironment),
  databaseAndStripe: z.object({ ...databaseEnvironment, ...stripeEnvironment }),
  /** The database is optional here, because a Stripe account can be checked before a database exists. */
  preflight: z.object({
    ...stripeEnvironment,
    AUTOMATIC_TAX: checkoutEnvironment.AUTOMATIC_TAX,
    INVOICES: checkoutEnvironment.INVOICES,
    DATABASE_URL: databaseEnvironment.DATABASE_URL.optional(),
  }),
  webhooks: z.object({
    ...databaseEnvironment,
    WEBHOOKS_ENCRYPTION_KEYS: webhooksEnvironment.WEBHOOKS_ENCRYPTION_KEYS.unwrap(),
  }),
  email: z.object({ ...emailEnvironment, EMAIL_SITE_NAME: emailEnvironment.EMAIL_SITE_NAME.unwrap().default('Your site') }),
  emailTest: z.object({
    ...emailEnvironment,
    SMTP_URL: emailEnvironment.SMTP_URL.unwrap(),
    EMAIL_FROM: emailEnvironment.EMAIL_FROM.unwrap(),
    EMAIL_SITE_NAME: emailEnvironment.EMAIL_SITE_NAME.unwrap(),
  }),
  all: z
    .object({ ...databaseEnvironment, ...stripeEnvironment, ...temporalEnvironment })
    .refine(certificateHasKey, certificateWithoutKey),
}

/** Reads the environment of a command. Throws InvalidEnvironmentError. */
export const readEnvironment = <T extends z.ZodObject>(schema: T): z.output<T> => {
  try {
    return parseEnvironment(schema, process.env)
  } catch (error) {
    if (!(error instanceof InvalidEnvironmentError)) throw error
    throw new InvalidEnvironmentError(`${error.message}\nWhile npm start is running, npm run sets these variables automatically.`)
  }
}

/** The folder in which the user ran npm or started this process. */
export const invocationFolder = process.env.INIT_CWD ?? process.cwd()
