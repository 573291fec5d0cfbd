import { problemsOf } from './expectation';
import { at } from './json-parts';
import { type MadeResources, pathPart } from './made-resources';
import type { Answer, Problem, Step } from './scenario';
import { NoAnswerError, type ScimConnection, type ScimRequest } from './scim-connection';

/** What became of a step. */
export interface StepResult {
  readonly step: Step;
  /** `skipped`: not asked, since what it needs was not to be had. */
  readonly status: 'holds' | 'fails' | 'skipped';
  /** As it was sent, without the token. */
  readonly request: ScimRequest;
  readonly problems: readonly Problem[];
  /** Null where none came. */
  readonly answer: Answer | null;
}

/** Names that every step may use. */
const URNS: Readonly<Record<string, string>> = {
  User: 'urn:ietf:params:scim:schemas:core:2.0:User',
  Group: 'urn:ietf:params:scim:schemas:core:2.0:Group',
  Enterprise: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
  ListResponse: 'urn:ietf:params:scim:api:messages:2.0:ListResponse',
  PatchOp: 'urn:ietf:params:scim:api:messages:2.0:PatchOp',
  Error: 'urn:ietf:params:scim:api:messages:2.0:Error',
};

/** What a scenario is run with. */
export interface ScenarioContext {
  readonly connection: ScimConnection;
  readonly made: MadeResources;
  /** What the provider sends with each request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Variables that the steps may use beside those that they save. */
  readonly given?: Readonly<Record<string, string>>;
}

/** Sends the steps of one scenario in their order, each with what earlier ones saved. */
export class ScenarioRun {
  private readonly variables: Map<string, string>;
  private readonly saved = new Map<string, string>();
  private readonly answers = new Map<string, Answer>();

  constructor(private readonly context: ScenarioContext) {
    this.variables = new Map(Object.entries({ ...URNS, ...context.given }));
  }

  /** Sends one step and checks its answer. */
  async step(step: Step): Promise<StepResult> {
    const { method, path, headers, body, raw_body: raw, expect, needs, save = {} } = step;
    const named = JSON.stringify([path, headers, body, expect, needs && `{{${needs}}}`]);
    const request: ScimRequest = { method, path };
    if ([...named.matchAll(VARIABLE)].some(([, name = '']) => this.valueOf(name) === undefined)) {
      return { step, status: 'skipped', request, problems: [], answer: null };
    }
    const filled = {
      method,
      path: path.replace(VARIABLE, (_, name: string) => this.inPath(name)),
      headers: { ...this.context.headers, ...this.filled(headers ?? {}) },
      ...(body !== undefined && { body: JSON.stringify(this.filled(body)) }),
      ...(raw !== undefined && { body: raw }),
    };
    if (isWrite(method) && path.includes('{{') && !this.context.made.holds(filled.path)) {
      const problems = [
        { expected: 'the id of what was created', came: 'another: nothing was sent' },
      ];
      return { step, status: 'fails', request: filled, problems, answer: null };
    }
    return this.judge(step, filled, this.filled(expect), save);
  }

  private async judge(
    step: Step,
    request: ScimRequest,
    expected: Step['expect'],
    save: Readonly<Record<string, string>>,
  ): Promise<StepResult> {
    const sent = step.body === undefined ? undefined : this.filled(step.body);
    const isCreate = request.method === 'POST';
    try {
      const answer = await this.context.connection.send(request);
      if (isCreate) this.context.made.note(request.path, sent, answer);
      this.answers.set(step.name, answer);
      const problems = problemsOf(expected, answer, this.answers);
      for (const [variable, place] of Object.entries(save))
        this.save(variable, at(answer.body, place));
      const status = problems.length === 0 ? 'holds' : 'fails';
      return { step, status, request, problems, answer };
    } catch (error) {
      if (!(error instanceof NoAnswerError)) throw error;
      if (isCreate) this.context.made.note(request.path, sent, null);
      const problems = [{ expected: 'an answer', came: error.message }];
      return { step, status: 'fails', request, problems, answer: null };
    }
  }

  private save(variable: string, value: unknown): void {
    if (typeof value === 'string' || typeof value === 'number')
      this.saved.set(variable, String(value));
  }

  private valueOf(name: string): string | undefined {
    return this.saved.get(name) ?? this.variables.get(name);
  }

  /** What a server has told must not lead elsewhere. */
  private inPath(name: string): string {
    const saved = this.saved.get(name);
    return saved === undefined ? (this.variables.get(name) ?? '') : (pathPart(saved) ?? '');
  }

  private filled<Value>(value: Value): Value {
    const text = JSON.stringify(value).replace(VARIABLE, (_, name: string) =>
      JSON.stringify(this.valueOf(name) ?? '').slice(1, -1),
    );
    return JSON.parse(text) as Value;
  }
}

const VARIABLE = /\{\{([\w.]+)\}\}/g;

const isWrite = (method: string): boolean => ['PUT', 'PATCH', 'DELETE'].includes(method);
