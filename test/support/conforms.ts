import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly text?: string;
  readonly req: { readonly method: string; readonly path: string };
}

interface DocumentedResponse {
  readonly $ref?: string;
  readonly content?: Record<string, object>;
}

interface Document {
  readonly paths: Record<string, Record<string, { responses: Record<string, DocumentedResponse> }>>;
}

const ROOT = 'openapi.json';
const document = JSON.parse(readFileSync(join(__dirname, '../..', ROOT), 'utf8')) as Document;

// Each suite compiles for a few answers: optimising costs as much again as compiling.
const ajv = new Ajv2020({ strict: false, allErrors: true, code: { optimize: false } });
addFormats(ajv);
ajv.addSchema(document, ROOT);

const operations = Object.entries(document.paths).map(([path, methods]) => ({
  pattern: new RegExp(`^${path.replace(/\/$/, '').replace(/\{[^}]+\}/g, '[^/]+')}/?$`),
  // A fixed path goes before one with a parameter in its place.
  parameters: path.split('{').length - 1,
  path,
  methods,
}));
operations.sort((a, b) => a.parameters - b.parameters);

const validators = new Map<string, ValidateFunction>();

/**
 * Holds an answer of the running service against the document, so that the document cannot lie. Methods
 * and paths that the document does not know are for the tests of errors.
 */
export function conformsToDocument({ status, body, text, req }: Answer): void {
  const [pathname = ''] = req.path.split('?');
  const operation = operations.find(({ pattern }) => pattern.test(pathname));
  const method = req.method.toLowerCase();
  const documented = operation?.methods[method];
  if (!operation || !documented) return;
  const name = `${req.method} ${operation.path} ${status}`;
  const response = documented.responses[status];
  // Whatever goes wrong with us is no part of the contract.
  if (!response && status === 500) return;
  if (!response) throw new Error(`${name} is not documented`);
  if (!response.content) {
    if (text) throw new Error(`${name} is documented without a body`);
    return;
  }
  if (!('application/json' in response.content)) return;
  const validate = validatorOf(name, operation.path, method, status);
  if (!validate(body)) {
    throw new Error(
      `${name} does not conform: ${ajv.errorsText(validate.errors)}\n${String(text)}`,
    );
  }
}

function validatorOf(name: string, path: string, method: string, status: number): ValidateFunction {
  const pointer = [
    'paths',
    path,
    method,
    'responses',
    String(status),
    'content',
    'application/json',
    'schema',
  ];
  const escaped = pointer.map((part) =>
    encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')),
  );
  const validate = validators.get(name) ?? ajv.compile({ $ref: `${ROOT}#/${escaped.join('/')}` });
  validators.set(name, validate);
  return validate;
}
