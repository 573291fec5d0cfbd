import { pathOf } from '../../http/incoming-request';
import { isTenantId } from '../../core/tenant-directory';

const PLACEHOLDER = '{tenant_id}';

/** A segment of the template's path: a text, or what stands around the tenant. */
type TemplateSegment = string | { readonly before: string; readonly after: string };

/** The path under which the tenants' SCIM routes lie, as the base URL template says. */
export class TenantPath {
  private constructor(private readonly segments: readonly TemplateSegment[]) {}

  /** Null where the template's path does not name the tenant, or no request could match it. */
  static of(baseUrlTemplate: string): TenantPath | null {
    const path = baseUrlTemplate.replace(/^\w+:\/\/[^/]*/, '').replace(/(?<!\/)\/+$/, '');
    const segments = path.slice(1).split('/').map(templateSegment);
    if (segments.includes(null) || segments.every((segment) => typeof segment === 'string')) {
      return null;
    }
    return new TenantPath(segments as TemplateSegment[]);
  }

  /**
   * The tenant whose route a request is for; null where it is for none. Whatever follows the template's
   * path may be any path. One that a server behind could read in another way is for no tenant; a slash at
   * its end is no other way.
   *
   * @param target path and query as the client sent them
   */
  tenantIn(target: string): string | null {
    const path = pathOf(target);
    if (!/^\/[\x21-\x7e]+$/.test(path) || path.includes('#')) return null;
    const given = path.slice(1).split('/');
    if (given.length > 1 && given.at(-1) === '') given.pop();
    const segments: string[] = [];
    for (const raw of given) {
      const segment = decoded(raw);
      // No further: to find out that one cannot be decoded costs an error.
      if (segment === null) return null;
      segments.push(segment);
    }
    return this.tenantOf(segments);
  }

  /**
   * The tenant that a path which {@link tenantIn} takes for none begins with, empty segments overlooked:
   * whose administrators may be told of it. Never to let a request pass.
   */
  tenantMeantBy(target: string): string | null {
    const given = pathOf(target)
      .split('/')
      .filter((segment) => segment !== '');
    return this.tenantOf(given.slice(0, this.segments.length).map(decoded));
  }

  private tenantOf(given: readonly (string | null)[]): string | null {
    const tenants = new Set<string>();
    for (const [index, segment] of this.segments.entries()) {
      const text = given[index] ?? '';
      if (typeof segment === 'string') {
        if (text !== segment) return null;
        continue;
      }
      const { before, after } = segment;
      const length = text.length - before.length - after.length;
      if (length < 1 || !text.startsWith(before) || !text.endsWith(after)) return null;
      tenants.add(text.slice(before.length, before.length + length));
    }
    const [tenant, ...others] = tenants;
    return others.length === 0 && isTenantId(tenant) ? tenant : null;
  }
}

function templateSegment(raw: string): TemplateSegment | null {
  const [before = '', after, ...more] = raw.split(PLACEHOLDER);
  if (after === undefined) return decoded(raw);
  const around = decoded(`${before}x${after}`);
  return around === null || more.length > 0 ? null : { before, after };
}

/** A segment, percent-decoded once; null for one that could be read in two ways. */
function decoded(raw: string): string | null {
  try {
    const text = decodeURIComponent(raw);
    const isPlain = !['', '.', '..'].includes(text) && !/[/\\;%\p{Cc}]/u.test(text);
    return isPlain ? text : null;
  } catch {
    return null;
  }
}
