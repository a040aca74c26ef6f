/** Chromium's own authenticator for tests, and what people do with passkeys on the pages. */
import type { Page } from 'playwright-core'
import { heading, press } from './journeys.ts'

export interface VirtualAuthenticator {
  /** What is in it. */
  credentials(): Promise<{ credentialId: string }[]>
  /** Whether whoever is there is verified when asked: with false, their finger is a stranger's. */
  verifies(person: boolean): Promise<unknown>
}

/** A device with a fingerprint reader, on which somebody always agrees. */
export const addAuthenticator = async (page: Page): Promise<VirtualAuthenticator> => {
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('WebAuthn.enable', { enableUI: false })
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      ctap2Version: 'ctap2_1',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  return {
    async credentials() {
      return (await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials
    },
    verifies: (isUserVerified) =>
      cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
  }
}

/** Takes what is offered after a sign-in. */
export const takeOffer = async (page: Page): Promise<void> => {
  await heading(page, 'Sign in faster next time')
  await press(page, 'Create a passkey')
}

/** So that nothing is done before a button is pressed. */
export const withoutSuggestions = (page: Page): Promise<unknown> =>
  page.addInitScript('PublicKeyCredential.isConditionalMediationAvailable = async () => false')

/** As a password manager does that has just filled in the password: it makes one without asking. */
export const withQuietManager = (page: Page): Promise<unknown> =>
  page.addInitScript(`
    const create = navigator.credentials.create.bind(navigator.credentials)
    navigator.credentials.create = ({ mediation, ...options }) => {
      document.documentElement.dataset.mediation = mediation
      return create(options)
    }
    PublicKeyCredential.getClientCapabilities = async () => ({ conditionalCreate: true })
  `)

/** Keeps what the browser is told of passkeys that are gone, instead of heeding it. */
export const listenForSignals = (page: Page): Promise<unknown> =>
  page.addInitScript(`
    PublicKeyCredential.signalUnknownCredential = async (about) => {
      document.documentElement.dataset.told = JSON.stringify(about)
    }
  `)
