import { at } from './json-parts';
import type { Answer } from './scenario';
import { NoAnswerError, type ScimConnection } from './scim-connection';

const LISTS = { '/Users': 'userName', '/Groups': 'displayName' } as const;
type List = keyof typeof LISTS;

/** A resource that was asked for by POST; its id is null where the answer did not tell it. */
interface Made {
  readonly list: List;
  readonly name: string;
  /** As a part of a path. */
  readonly id: string | null;
}

/** What a run has made on the server, so that it changes nothing else and leaves nothing behind. */
export class MadeResources {
  private made: Made[] = [];

  /** @param run what every name has in it that this run gives */
  constructor(
    private readonly connection: ScimConnection,
    private readonly run: string,
  ) {}

  /** Takes note of a POST and its answer; null where there was none, after which it may be there all the same. */
  note(path: string, sent: unknown, answer: Answer | null): void {
    const [list] = path.split('?', 1);
    if (!isList(list) || (answer && answer.status >= 300 && answer.status < 500)) return;
    const name = at(sent, LISTS[list]);
    const id = answer ? at(answer.body, 'id') : undefined;
    this.made.push({
      list,
      name: typeof name === 'string' ? name : '',
      id: typeof id === 'string' || typeof id === 'number' ? pathPart(String(id)) : null,
    });
  }

  /** Whether a path, as it is sent, leads to something that this run has made. */
  holds(path: string): boolean {
    const [resource] = path.split('?', 1);
    return this.made.some(({ list, id }) => id !== null && resource === `${list}/${id}`);
  }

  /**
   * Deletes all of it, groups first, and looks whether it is gone.
   *
   * @returns paths of what stays
   */
  async remove(): Promise<string[]> {
    const groupsFirst = this.made.toSorted((a, b) => a.list.localeCompare(b.list));
    this.made = [];
    const left: string[] = [];
    for (const made of groupsFirst) {
      const paths = await this.pathsOf(made).catch(() => [`${made.list}/… (${made.name})`]);
      for (const path of paths) if (!(await this.isRemoved(path))) left.push(path);
    }
    return left;
  }

  /** @returns paths of all of it, which stays */
  leave(): string[] {
    const paths = this.made.map(({ list, name, id }) => `${list}/${id ?? `… (${name})`}`);
    this.made = [];
    return paths;
  }

  /** One whose id is not known is looked for by its name, which nothing else has. */
  private async pathsOf({ list, name, id }: Made): Promise<string[]> {
    if (id !== null) return [`${list}/${id}`];
    if (!name.includes(this.run)) return [];
    const filter = encodeURIComponent(`${LISTS[list]} eq ${JSON.stringify(name)}`);
    const { body } = await this.connection.send({
      method: 'GET',
      path: `${list}?filter=${filter}`,
    });
    const resources = at(body, 'Resources');
    // A server that does not heed the filter tells of others, too.
    return (Array.isArray(resources) ? (resources as unknown[]) : [])
      .filter((one) => at(one, LISTS[list]) === name)
      .flatMap((one) => pathPart(String(at(one, 'id'))) ?? [])
      .map((part) => `${list}/${part}`);
  }

  private async isRemoved(path: string): Promise<boolean> {
    try {
      const { status } = await this.connection.send({ method: 'DELETE', path });
      if (status === 404) return true;
      return [404, 410].includes((await this.connection.send({ method: 'GET', path })).status);
    } catch (error) {
      if (error instanceof NoAnswerError) return false;
      throw error;
    }
  }
}

/** An id as a part of a path; null for one that would lead elsewhere. */
export function pathPart(id: string): string | null {
  return /^\.{0,2}$/.test(id) || !id.isWellFormed() ? null : encodeURIComponent(id);
}

const isList = (path: string | undefined): path is List => path === '/Users' || path === '/Groups';
