import { isRecord } from '../../core/checks';
import type { ScimTokensModuleOptions } from '../../core/scim-tokens.options';
import type { ResolvedSetup } from '../../core/setup.options';
import { readLogo } from '../../setup/page/logo';
import { GivenMembers } from './given-options';
import { OPTIONS } from './options.schema';
import type { Settings } from './settings';
import { BRAND_OPTIONS, setupOptions } from './setup.schema';

const OF_SETUP = { ...setupOptions(false), publicUrl: OPTIONS.publicUrl };

/**
 * The setup page as a host wants it; null without one.
 *
 * @param publicUrl under which the application is reached, where `setup` names none of its own
 */
export function resolveSetup(
  settings: Settings,
  given: ScimTokensModuleOptions['setup'],
  publicUrl: string,
): ResolvedSetup | null {
  if (given === undefined || given === null) return null;
  const { brand = {}, ...beside } = isRecord(given) ? given : { brand: null };
  if (!isRecord(brand)) {
    settings.reject('setup', 'takes {publicUrl, brand: {name, color, logoFile, supportUrl}, …}');
    return null;
  }
  const members = new GivenMembers(settings, 'setup', beside);
  const inBrand = new GivenMembers(settings, 'setup.brand', brand);
  members.rejectUnknown(OF_SETUP);
  inBrand.rejectUnknown(BRAND_OPTIONS);
  const resolved = {
    ...members.readAll(OF_SETUP),
    brand: inBrand.readAll(BRAND_OPTIONS),
  };
  checkLogo(settings, 'setup.brand.logoFile', resolved.brand.logoFile);
  const url = resolved.publicUrl ?? publicUrl;
  if (!OPTIONS.publicUrl.kind.is(url)) {
    members.reject('publicUrl', 'is required: baseUrlTemplate has no origin that people can open');
  }
  return { ...resolved, publicUrl: url };
}

/** Notes what is wrong with the file of a logo. */
export function checkLogo(settings: Settings, name: string, path: string | null): void {
  if (path === null) return;
  try {
    readLogo(path);
  } catch (error) {
    settings.reject(name, `names ${path}: ${(error as Error).message}`);
  }
}
