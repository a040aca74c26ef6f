import { join } from 'node:path'
import { type Assets, loadAssets } from './lib/assets.ts'
import { type I18n, loadLocales } from './lib/i18n.ts'
import { keptFolder } from './lib/keep.ts'
import { loadViews, type Render } from './lib/render.ts'
import { type Pages, pages } from './lib/show.ts'
import { defaultSettings, type Settings } from './settings/index.ts'

export interface Looks {
  assets: Assets
  render: Render
  i18n: I18n
  shown: Pages
}

const views = join(import.meta.dirname, '../views')

/** What pages are made of: views, words, styles, and what an admin has said of each. */
export const loadLooks = async ({
  evaluation,
  settings,
}: {
  evaluation: boolean
  settings: () => Settings
}): Promise<Looks> => {
  const assets = loadAssets(join(views, 'assets'))
  const render = await loadViews({
    directory: views,
    assets,
    without: evaluation ? [] : ['dev'],
    kept: keptFolder,
  })
  const i18n = loadLocales(join(views, 'locales'))
  const shown = pages({
    render,
    i18n,
    inbox: evaluation ? '/dev/inbox' : null,
    words: () => settings().words,
    brand: () => {
      const { branding, signIn } = settings()
      return {
        name: branding.name,
        logoUri: branding.logoUri,
        color: branding.color,
        // The built-in stylesheet has the default colour already.
        cssFor: (color) =>
          color === defaultSettings.branding.color ? null : assets.brandHref(color),
        links: { help: branding.helpUri, terms: branding.termsUri, privacy: branding.privacyUri },
        defaultLanguage: signIn.languages.default,
        offeredLanguages: signIn.languages.offered,
      }
    },
  })
  return { assets, render, i18n, shown }
}
